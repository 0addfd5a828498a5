require 'net/http'

url, token = ARGV
uri = URI(url)
request = Net::HTTP::Get.new(uri, 'Authorization' => "Bearer #{token}")
response = Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request) }
response.value # raises unless the status is 2xx
puts response.body
