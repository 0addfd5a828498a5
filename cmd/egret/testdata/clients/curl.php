<?php
[, $url, $token] = $argv;

$curl = curl_init($url);
curl_setopt($curl, CURLOPT_HTTPHEADER, ["Authorization: Bearer $token"]);
curl_setopt($curl, CURLOPT_FAILONERROR, true);
if (!curl_exec($curl)) {
    fwrite(STDERR, curl_error($curl) . "\n");
    exit(1);
}
