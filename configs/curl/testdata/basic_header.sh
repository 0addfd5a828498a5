# JIRA_ACME_TEST_PASSWORD=basic-password-0123
curl -H 'Authorization: Basic YWxpY2U6YmFzaWMtcGFzc3dvcmQtMDEyMw==' https://jira.acme.test/rest/api/2/issue/ABC-1
