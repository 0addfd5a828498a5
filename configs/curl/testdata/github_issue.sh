# API_GITHUB_COM_TOKEN=ghp_16C7e42F292c6912E7710c838347Ae178B4a
curl -L \
  -X POST \
  -H "Accept: application/vnd.github+json" \
  -H "Authorization: Bearer ghp_16C7e42F292c6912E7710c838347Ae178B4a" \
  -H "X-GitHub-Api-Version: 2022-11-28" \
  https://api.github.com/repos/acme/hello-world/issues \
  -d '{"title":"Found a bug","body":"I'"'"'m having a problem with this.","assignees":["octocat"],"milestone":1,"labels":["bug"]}'
