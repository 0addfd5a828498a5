use strict;
use warnings;
use LWP::UserAgent;

my ($url, $token) = @ARGV;
my $agent = LWP::UserAgent->new(env_proxy => 1);
my $response = $agent->get($url, Authorization => "Bearer $token");
die $response->status_line, "\n" unless $response->is_success;
print $response->decoded_content, "\n";
