use strict;
use warnings;
use HTTP::Tiny;

my ($url, $token) = @ARGV;
my $response = HTTP::Tiny->new(verify_SSL => 1)->get($url, { headers => { Authorization => "Bearer $token" } });
die "$response->{status} $response->{content}\n" unless $response->{success};
print "$response->{content}\n";
