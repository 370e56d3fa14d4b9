#!/usr/bin/perl
# Large cards: by sendfile and without, ranges, slow readers across publishes, memory given back.
use v5.36;
use lib 't/lib';
use Digest::MD5 qw(md5_hex);
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::More;
use Gatehouse;
use Gatehouse::Process;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');

# Every byte depends on the generation and on its place.
sub body ($generation, $size) {
    my $line = sprintf 'generation %06d: %s', $generation, join ',', map { $_ * $generation } 1 .. 40;
    return substr $line x (1 + $size / length $line), 0, $size;
}

# A client whose socket takes little, so that the server must hold what it has not read.
sub slow_client ($t) {
    my $http = $t->http->connect;
    setsockopt $http->{socket}, SOL_SOCKET, SO_RCVBUF, 16_384 or die "SO_RCVBUF: $!";
    $http->send("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    $http->more(now() + 20);
    return $http;
}

my $size = 3_000_000;
my $publisher = $t->start_publisher;
$publisher->card('big', '/big', json => body(1, $size), 'json.gzip' => body(2, 500_000));
$publisher->card('edge', '/edge', json => body(3, 49_152));
$publisher->card('under', '/under', json => body(4, 49_151));

$t->nginx_conf(<<'END');
gate_board on;
server {
    listen 127.0.0.1:%%PORT%% sndbuf=64k;
    sendfile on;
    error_log logs/debug.log debug;
    location / { }
    location /off/ { sendfile off; rewrite ^/off(/.*) $1 break; }
    location /chunks/ { sendfile_max_chunk 100k; rewrite ^/chunks(/.*) $1 break; }
    location /threads/ { aio threads; rewrite ^/threads(/.*) $1 break; }
    location /direct/ { directio 1; rewrite ^/direct(/.*) $1 break; }
    location /slow/ { limit_rate 4m; rewrite ^/slow(/.*) $1 break; }
    location /buffered/ { output_buffers 2 8k; rewrite ^/buffered(/.*) $1 break; }
    location /proxied/ { proxy_pass http://127.0.0.1:%%PORT1%%/; }
}
server { listen 127.0.0.1:%%PORT1%%; sendfile on; location / { } }
END
$t->start_nginx;
is md5_hex($t->wait_for_answer('/big')->{body}), md5_hex(body(1, $size)), 'the bytes';

my $sent_by_file = sub ($path) {
    my $before = length $t->log_text('debug.log');
    $t->get($path);
    # nginx may send first and write its log afterwards, also that of the request before.
    my $log;
    wait_for(sub {
        ($log) = substr($t->log_text('debug.log'), $before) =~ /"GET \Q$path\E (.*)close http connection/s;
    }, 10, "the log of $path");
    return $log =~ /sendfile: @?\d+|sendfile: .* of /;
};
SKIP: {
    skip 'nginx has no debug log', 4 if $t->log_text('debug.log') !~ /\[debug\]/;
    ok $sent_by_file->('/big'), 'by sendfile';
    ok $sent_by_file->('/edge'), 'from 48 KiB on';
    ok !$sent_by_file->('/under'), 'from memory below';
    ok !$sent_by_file->('/off/big'), 'and where sendfile is off';
}

for my $way ('', qw(/off /chunks /threads /direct /slow /buffered /proxied)) {
    my $http = $t->http(0, keepalive => 1);
    is md5_hex($http->get("$way/big")->{body}), md5_hex(body(1, $size)), "$way/big";
    is md5_hex($http->get("$way/big", 'Accept-Encoding' => 'gzip')->{body}),
        md5_hex(body(2, 500_000)), 'an encoding';
    for my $range ([0, 200_000], [100_001, $size - 1], [$size - 5, $size - 1]) {
        my ($first, $last) = @$range;
        my $r = $http->get("$way/big", Range => "bytes=$first-$last");
        is md5_hex($r->{body}), md5_hex(substr body(1, $size), $first, $last - $first + 1), "bytes $first-$last";
    }
    is $http->head("$way/big")->{header}{'content-length'}, $size, 'HEAD';
    is $http->{reused}, 6, 'one connection';
}

subtest 'a slow reader across 50 publishes' => sub {
    my @slow = map { slow_client($t) } 1 .. 5;
    for my $generation (10 .. 59) {
        $publisher->card('big', '/big', json => body($generation, $size));
        sysread $_->{socket}, $_->{buffer}, 1000, length $_->{buffer} for @slow;
    }
    wait_for(sub { $t->get('/big')->{body} eq body(59, $size) }, 10, 'the last publish');
    my %bodies = map { md5_hex($_->read_response->{body}) => 1 } @slow;
    is_deeply [keys %bodies], [md5_hex(body(1, $size))], 'each got the generation it began with, whole';
};

subtest 'memory is given back' => sub {
    my ($worker) = $t->nginx_workers;
    my $mappings = sub { Gatehouse::Process::mapping_count($worker, 'memfd:gatehouse-card') };
    wait_for(sub { $mappings->() == 3 }, 10, 'the mappings of three cards and no more');
    my $open = Gatehouse::Process::descriptor_count($worker);
    my $last = 0;
    $last = $publisher->card('big', '/big', json => body($_, 200_000)) for 100 .. 400;
    $publisher->wait_for_event(qr/^applied $last /);
    is $mappings->(), 3, 'three mappings after 300 publishes';
    cmp_ok Gatehouse::Process::descriptor_count($worker), '<=', $open, 'no descriptor is left open';
    $publisher->card('big', '/big', json => body(7, $size));
    wait_for(sub { length $t->get('/big')->{body} == $size }, 10, 'a large one again');
    my $reader = slow_client($t);
    $publisher->card('big', '/big', json => 'small');
    wait_for(sub { $t->get('/big')->{body} eq 'small' }, 10, 'the small one');
    is $mappings->(), 4, 'a reader keeps what it reads';
    $reader->close;
    ok wait_for(sub { $mappings->() == 3 }, 10, 'three mappings'), 'and gives it back when it leaves';
};

$publisher->stop;
$t->done;
