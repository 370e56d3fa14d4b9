#!/usr/bin/perl
# Each HTTP/2 stream counts; its end, RST_STREAM and the end of the connection give the place back.
use v5.36;
use lib 't/lib';
use IO::Select;
use Test::More;
use Gatehouse;
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'module is not built' if !$t->built('module');
my $app = Gatehouse::Upstream->start($t->port(2));
$t->nginx_conf(<<'END');
gate_conn_zone all zone=z:64k;
http2_max_concurrent_streams 1024;
server {
    listen 127.0.0.1:%%PORT%% http2;
    listen 127.0.0.1:%%PORT1%%;
    gate_conn zone=z 3;
    location / { proxy_pass http://127.0.0.1:%%PORT2%%; }
}
END
$t->start_nginx;

use constant { DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4, GOAWAY => 7 };

sub frame ($type, $flags, $stream, $payload) {
    return substr(pack('N', length $payload), 1) . pack('CCN', $type, $flags, $stream) . $payload;
}

# RFC 9113, as little of it as it takes: literal fields without indexing, no flow control.
sub connection () {
    my $socket = $t->http->connect->{socket};
    syswrite $socket, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(SETTINGS, 0, 0, '');
    return {socket => $socket, input => '', next => 1, status => {}};
}

sub ask ($h2, $path) {
    my $stream = $h2->{next};
    $h2->{next} += 2;
    my $fields = "\x82\x86\x04" . chr(length $path) . $path . "\x01\x09localhost";
    syswrite $h2->{socket}, frame(HEADERS, 5, $stream, $fields);
    return $stream;
}

sub reset_stream ($h2, $stream) { return syswrite $h2->{socket}, frame(RST_STREAM, 0, $stream, pack 'N', 8) }

# Reads until the stream's response begins; returns its status.
sub status ($h2, $stream) {
    my $deadline = now() + 10;
    while (!$h2->{status}{$stream}) {
        IO::Select->new($h2->{socket})->can_read($deadline - now()) or die "no response on stream $stream\n";
        sysread $h2->{socket}, $h2->{input}, 65_536, length $h2->{input} or die "closed\n";
        while (length $h2->{input} >= 9) {
            my $size = unpack 'N', "\0" . substr $h2->{input}, 0, 3;
            last if length $h2->{input} < 9 + $size;
            my ($type, $flags, $id) = unpack 'x3CCN', $h2->{input};
            my $payload = substr substr($h2->{input}, 0, 9 + $size, ''), 9;
            $h2->{status}{$id} = $payload =~ /^(?:\x20|\x3f\xe1\x1f)?\x88/ ? 200 : $payload =~ /^(?:\x20|\x3f\xe1\x1f)?[\x08\x48]\x03(\d{3})/ ? $1 : '?'
                if $type == HEADERS;
        }
    }
    return $h2->{status}{$stream};
}

my $h2 = connection();
my @streams = map { ask($h2, '/hold') } 1 .. 3;
$app->wait_for_active(3);
is status($h2, ask($h2, '/hold')), 429, 'a fourth stream of the same connection';
is $t->http(1)->get('/hold')->{status}, 429, 'and an HTTP/1.1 request';
reset_stream($h2, shift @streams);
$app->wait_for_active(2);
push @streams, ask($h2, '/hold');
$app->wait_for_active(3);
is status($h2, ask($h2, '/hold')), 429, 'RST_STREAM makes room for one';
$app->release;
is status($h2, $_), 200, 'an end' for @streams;
@streams = map { ask($h2, '/hold') } 1 .. 3;
$app->wait_for_active(3);
pass 'makes room, too';
close $h2->{socket};
$app->wait_for_active(0);

$h2 = connection();
@streams = map { ask($h2, '/hold') } 1 .. 3;
$app->wait_for_active(3);
pass 'as does the end of the connection';
close $h2->{socket};
$app->wait_for_active(0);

# Rapid reset: nginx may close such a connection; the count is 0 afterwards.
for my $round (1 .. 5) {
    my $rapid = connection();
    local $SIG{PIPE} = 'IGNORE';
    for (1 .. 200) {
        my $stream = ask($rapid, '/hold');
        reset_stream($rapid, $stream) or last;
    }
    close $rapid->{socket};
}
$app->wait_for_active(0);
$h2 = connection();
@streams = map { ask($h2, '/hold') } 1 .. 3;
$app->wait_for_active(3);
is status($h2, ask($h2, '/hold')), 429, 'after 1,000 streams that were reset at once, the count is exact';
close $h2->{socket};
$app->wait_for_active(0);

$t->done;
