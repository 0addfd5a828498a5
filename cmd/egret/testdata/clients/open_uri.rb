require 'open-uri'

url, token = ARGV
puts URI.parse(url).read('Authorization' => "Bearer #{token}")
