curl https://reelbot.space/api/v1/video/status/abc123def456 \
-H "X-API-Key: rb_live_your_key_here"
