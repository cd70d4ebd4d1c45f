curl "https://nanobananavideo.com/api/v1/video-status.php?video_id=vid_a1b2c3d4" \
  -H "Authorization: Bearer $NB_API_KEY"
