# INTRANET_ACME_TEST_PASSWORD=p@ss-0123456789
curl https://alice:p%40ss-0123456789@intranet.acme.test/report
