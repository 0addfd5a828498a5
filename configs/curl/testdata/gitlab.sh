# GITLAB_ACME_TEST_PRIVATE_TOKEN=glpat-0123456789abcdefABCD
curl --header "PRIVATE-TOKEN: glpat-0123456789abcdefABCD" --url "https://gitlab.acme.test/api/v4/projects/12/variables?per_page=50"
