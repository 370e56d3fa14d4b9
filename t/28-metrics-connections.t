#!/usr/bin/perl
# Metrics of what is no plain request on a connection of its own: keep-alive, HTTP/2 streams, WebSocket.

use v5.36;
use lib 't/lib';
use Test::More;
use IO::Socket::INET;
use POSIX ();
use Gatehouse;
use Gatehouse::Metrics qw(samples);

my $t = Gatehouse->new(workers => 1, ports => 3);
plan skip_all => 'module is not built' if !$t->built('module');

$t->nginx_conf(<<'END');
server {
    listen 127.0.0.1:%%PORT%%;
    listen 127.0.0.1:%%PORT1%% http2;
    location / { return 200 "hi\n"; }
    location /again { rewrite ^ /h2 last; }
    location /h2 { return 200 "hi\n"; }
    location /socket {
        proxy_pass http://127.0.0.1:%%PORT2%%;
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection upgrade;
    }
    location = /metrics { gate_metrics prometheus; }
}
END
$t->start_nginx;

sub metric ($name) { return samples($t->get('/metrics')->{body})->{$name} }
sub requests ($endpoint, $status = 200) { return metric(qq(http_requests_total{method="GET",endpoint="$endpoint",status="$status"})) }
sub settles ($value, $get, $what) {
    my $last;
    my $found = eval { wait_for(sub { ($last = $get->()) == $value }, 10, $what) };
    return is $last, $value, $what;
}

my $client = $t->http(0, keepalive => 1);
$client->get('/') for 1 .. 50;
settles(50, sub { requests('/') }, 'fifty requests over one connection');
cmp_ok metric('http_request_duration_seconds_sum{endpoint="/"}'), '<', 5, 'each timed from its own start';

my @urls = map { 'http://127.0.0.1:' . $t->port(1) . '/again' } 1 .. 20;
my ($exit, $out) = $t->run_program(['curl', '-s', '--http2-prior-knowledge', '--parallel', '--parallel-immediate', @urls]);
is $exit, 0, 'twenty streams of HTTP/2, sent round once each';
settles(20, sub { requests('/h2') }, 'are twenty requests of where they ended');
my $sum = metric('http_request_duration_seconds_sum{endpoint="/h2"}');
cmp_ok $sum, '>', 0, 'that took time';
cmp_ok $sum, '<', 20, "each its own ($sum s in all)";

my $backend = IO::Socket::INET->new(Listen => 5, LocalAddr => '127.0.0.1', LocalPort => $t->port(2), ReuseAddr => 1)
    or die "listen: $!";
my $server = fork // die "fork: $!";
if ($server == 0) {
    my @open;
    while (my $peer = $backend->accept) {
        while (defined(my $line = readline $peer)) { last if $line eq "\r\n" }
        print {$peer} "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        $peer->flush;
        push @open, $peer;
    }
    POSIX::_exit(0);
}
close $backend;

my $gauge = sub { metric('websocket_connections_active') };
is $gauge->(), 0, 'no WebSocket is open';
my @sockets = map {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) or die "connect: $!";
    print {$socket} "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
        . "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    $socket->flush;
    like scalar(readline $socket), qr/ 101 /, 'upgraded';
    $socket;
} 1 .. 3;
settles(3, $gauge, 'three are');
close shift @sockets;
settles(2, $gauge, 'one is closed');
settles(1, sub { requests('/socket', 101) }, 'and counts as a request now that it has ended');
$t->kill_worker;
settles(0, $gauge, 'a killed worker leaves none behind');
kill 'KILL', $server;
waitpid $server, 0;

$t->done;
