# A receiver's check of one delivery, with Perl's core modules alone.
#
# usage: verify.pl SECRET WEBHOOK-ID WEBHOOK-TIMESTAMP WEBHOOK-SIGNATURE X-SIGNATURE-256 < body
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use MIME::Base64 qw(decode_base64 encode_base64);

my ($secret, $id, $timestamp, $signatures, $legacy) = @ARGV;
binmode STDIN;
my $body = do { local $/; <STDIN> } // "";

my $key = $secret =~ /^whsec_(.*)$/s ? decode_base64($1) : $secret;
my $expected = "v1," . encode_base64(hmac_sha256("$id.$timestamp.$body", $key), "");
die "webhook-signature does not fit\n" unless grep { $_ eq $expected } split / /, $signatures;
die "x-signature-256 does not fit\n" unless $legacy eq "sha256=" . hmac_sha256_hex($body, $secret);
