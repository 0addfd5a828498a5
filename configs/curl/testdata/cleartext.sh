# LEGACY_ACME_TEST_PASSWORD=clear-0123456789
curl -d user=alice -d password=clear-0123456789 http://legacy.acme.test/login.cgi
