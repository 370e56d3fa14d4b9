#!/usr/bin/perl
# WebSockets and event streams through proxy_pass are classes of their own, counted for as long as they live.
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Upstream;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'module is not built' if !$t->built('module');
my $app = Gatehouse::Upstream->start($t->port(1));
$t->nginx_conf(<<'END');
gate_conn_zone $arg_k zone=z:64k;
gate_conn_zone $arg_k zone=all:64k;
server {
    listen 127.0.0.1:%%PORT%%;
    proxy_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    gate_conn zone=z 2 class=websocket;
    gate_conn zone=z 3 class=http;
    gate_conn zone=z 1 class=sse;
    location / { proxy_pass http://127.0.0.1:%%PORT1%%; }
    location = /metrics { gate_conn off; gate_metrics; }
    location /hold/off { gate_conn off; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /hold/any { gate_conn zone=all 4; gate_conn zone=all 3 class=http; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /ws/any { gate_conn zone=all 4; gate_conn zone=all 3 class=http; proxy_pass http://127.0.0.1:%%PORT1%%; }
}
END
$t->start_nginx;

my @upgrade = (Upgrade => 'websocket', Connection => 'keep-alive, Upgrade',
    'Sec-WebSocket-Version' => 13, 'Sec-WebSocket-Key' => 'dGhlIHNhbXBsZSBub25jZQ==');

# A WebSocket: dies with the status if it is refused.
my $websocket = sub ($path) {
    my $http = $t->http(0, keepalive => 1)->connect;
    $http->send($http->format({path => $path, headers => [@upgrade]}));
    my $response = $http->read_response;
    die "status $response->{status}\n" if $response->{status} != 101;
    is $response->{header}{'sec-websocket-accept'}, 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=', 'the handshake of RFC 6455, section 1.3';
    $http->{framed} = 1;
    return $http->{socket};
};
my $echo = sub ($socket, $text) {
    my $mask = "\x11\x22\x33\x44";
    syswrite $socket, pack('CC', 0x81, 0x80 | length $text) . $mask . ($text ^. substr($mask x 32, 0, length $text));
    sysread $socket, my $frame, 200;
    return substr $frame // '', 2;
};
my $hold = sub ($path, @headers) {
    my $http = $t->http->connect;
    $http->send($http->format({path => $path, headers => [@headers]}));
    return $http;
};

my @sockets = map { $websocket->('/ws?k=a') } 1, 2;
is eval { $websocket->('/ws?k=a'); 'open' } // $@, "status 429\n", 'a third WebSocket is refused';
is $echo->($_, 'hello'), 'hello', 'those that are open work' for @sockets;
my @pages = map { $hold->('/hold?k=a') } 1 .. 3;
$app->wait_for_active(5);
pass 'pages are counted apart from them';
is $t->get('/hold?k=a')->{status}, 429, 'and capped';
push @pages, $hold->('/hold/off?k=a');
$app->wait_for_active(6);
pass 'gate_conn off';

close shift @sockets;
$app->wait_for_active(5);
$_->close for splice @pages;
$app->wait_for_active(1);
push @sockets, $websocket->('/ws?k=a');
pass 'a closed one makes room';
is eval { $websocket->('/ws?k=a'); 'open' } // $@, "status 429\n", 'for one';

# The application closes.
$app->release;
$app->wait_for_active(0);
wait_for(sub { !sysread $_, my $bytes, 100 }, 10, 'end of the tunnel') for @sockets;
@sockets = map { $websocket->('/ws?k=a') } 1, 2;
pass 'the application\'s close makes room, too';
close $_ for splice @sockets;
$app->wait_for_active(0);

subtest 'event streams' => sub {
    my $events = $hold->('/events?k=b', Accept => 'text/event-stream');
    $app->wait_for_active(1);
    is $t->get('/events?k=b', Accept => 'text/event-stream')->{status}, 429, 'a second one is refused';
    my @pages = map { $hold->('/hold?k=b') } 1 .. 3;
    $app->wait_for_active(4);
    pass 'an open stream is none of the pages';
    $_->close for $events, @pages;
    $app->wait_for_active(0);
    $events = $hold->('/events?k=b', Accept => 'application/json;q=0.5, Text/Event-Stream; q=1');
    $app->wait_for_active(1);
    is $t->get('/events?k=b', Accept => 'text/event-stream')->{status}, 429, 'in a list of types, in any case';
    $events->close;
    $app->wait_for_active(0);
};

subtest 'a header does not lead past a cap' => sub {
    my @pages = map { $hold->('/hold?k=c', @upgrade[0 .. 3]) } 1, 2;
    $app->wait_for_active(2);
    is $t->request({path => '/hold?k=c', headers => [@upgrade]})->{status}, 429, 'what asks for a WebSocket counts as one at first';
    push @pages, $hold->('/hold?k=c');
    $app->wait_for_active(3);
    is $t->get('/hold?k=c')->{status}, 429, 'and as a page';
    is $t->get('/hold?k=c', Accept => 'text/event-stream')->{status}, 429, 'so does what asks for events';
    $_->close for splice @pages;
    $app->wait_for_active(0);

    # It has turned out to be no WebSocket: it counts as a page alone.
    @pages = map { $hold->('/drip?k=c', @upgrade[0 .. 3]) } 1 .. 2;
    $app->wait_for_active(2);
    wait_for(sub { $_->{buffer} =~ /first/ || $_->more(Gatehouse::Wait::now() + 5) && 0 }, 10, 'header') for @pages;
    my @open = map { $websocket->('/ws?k=c') } 1, 2;
    pass 'room for two WebSockets';
    push @pages, $hold->('/hold?k=c');
    $app->wait_for_active(5);
    is $t->get('/hold?k=c')->{status}, 429, 'and for three pages';
    $_->close for @pages;
    close $_ for @open;
    $app->wait_for_active(0);
};

subtest 'two caps of one zone' => sub {
    my @open = map { $websocket->('/ws/any?k=d') } 1 .. 3;
    my $page = $hold->('/hold/any?k=d');
    $app->wait_for_active(4);
    is $t->get('/hold/any?k=d')->{status}, 429, 'class=any counts them together';
    like $t->get('/metrics')->{body}, qr/^gatehouse_connections_active\{zone="all"\} 4$/m, 'metrics: requests, not places';
    close $_ for @open;
    $page->close;
    $app->wait_for_active(0);
};

subtest 'a WebSocket outlives a reload, counted' => sub {
    my @open = map { $websocket->('/ws?k=e') } 1, 2;
    $t->reload_nginx;
    is eval { $websocket->('/ws?k=e'); 'open' } // $@, "status 429\n", 'the new worker sees those of the old one';
    is $echo->($_, 'still'), 'still', 'which work' for @open;
    close shift @open;
    $app->wait_for_active(1);
    push @open, eval { wait_for(sub { eval { $websocket->('/ws?k=e') } }, 5, 'room') };
    is scalar(@open), 2, 'one goes, one comes';
    close $_ for @open;
    $app->wait_for_active(0);
};

$t->done;
