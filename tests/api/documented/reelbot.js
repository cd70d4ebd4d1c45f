async function waitForVideo(projectId, apiKey) {
const maxAttempts = 120; // 10 minutes max
const pollInterval = 5000; // 5 seconds

for (let i = 0; i < maxAttempts; i++) {
const response = await fetch(
`https://reelbot.space/api/v1/video/status/${projectId}`,
{ headers: { 'X-API-Key': apiKey } }
);

const data = await response.json();

if (data.status === 'completed') {
return data;
}

if (data.status === 'failed') {
throw new Error(data.error || 'Video generation failed');
}

await new Promise(resolve => setTimeout(resolve, pollInterval));
}

throw new Error('Timeout waiting for video');
}
