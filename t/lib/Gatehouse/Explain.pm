package Gatehouse::Explain;

# Permissions to have a request explained as docs/formats.md describes them, made here, and what nginx
# tells of the request.
#
#     $publisher->table('explain.key', key_table($key));    # 32 bytes
#     permission($key, method => 'GET', target => '/a', from => '192.0.2.7')
#     explained($http, $key, 'GET', '/a', from => '192.0.2.7', fields => [Authorization => …])
#     step($trace, 'auth')->{verdict}; said($trace): "refused by auth with 401: expired"

use v5.36;
use Digest::SHA qw(hmac_sha256);
use Exporter 'import';
use JSON::PP qw(decode_json);
use MIME::Base64 qw(encode_base64url);

our @EXPORT_OK = qw(key_table permission explained raw_explain step steps said explain_path);

my $nonce = 0;

sub explain_path { return '/.well-known/gatehouse-explain' }
sub key_table ($key) { return "GTHEXPK1$key" }

sub permission ($key, %of) {
    my $text = join "\n", 1, $of{expires} // time + 8, $of{nonce} // sprintf('%08x%08x', $$, ++$nonce),
        $of{method} // 'GET', $of{from} // '', $of{target};
    my $payload = encode_base64url($text);
    return "$payload." . encode_base64url(hmac_sha256($payload, $key));
}

sub raw_explain ($http, $permission, @fields) {
    return $http->request({path => explain_path(), headers => ['Gate-Explain' => $permission, @fields]});
}

sub explained ($http, $key, $method, $target, %of) {
    my $response = raw_explain($http, permission($key, method => $method, target => $target, %of), @{$of{fields} // []});
    die "explained $method $target: $response->{status} $response->{body}"
        if ($response->{header}{'content-type'} // '') ne 'application/vnd.gatehouse.explain+json';
    return decode_json($response->{body});
}

sub steps ($trace, $stage) { return grep { $_->{stage} eq $stage } @{$trace->{steps}} }
sub step ($trace, $stage) { return (steps($trace, $stage))[0] // {} }

sub said ($trace) {
    my $answer = $trace->{answer};
    my $text = "$answer->{verdict} by " . ($answer->{by} // 'nobody');
    $text .= " with $answer->{status}" if $answer->{status};
    $text .= ": $answer->{reason}" if $answer->{reason};
    return $text;
}

1;
