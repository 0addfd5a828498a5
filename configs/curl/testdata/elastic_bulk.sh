curl -XPOST 'http://localhost:9200/_bulk' -H 'Content-Type: application/x-ndjson' --data-binary '{"index":{"_index":"a"}}
{"field":"{/value} ${file:x}"}
' 
