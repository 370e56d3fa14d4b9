#!/usr/bin/perl
# Delays that are real: as long as limit_req's, bodies that come meanwhile, clients that leave, large answers.
use v5.36;
use lib 't/lib';
use Digest::MD5 qw(md5_hex);
use Test::More;
use Gatehouse;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'module is not built' if !$t->built('module');

mkdir $t->dir($_) for qw(html stored);
my $large = join '', map { sprintf '%08d', $_ } 1 .. 300_000;
$t->write_file('html/large', $large);
my $delayed = 'burst=100';
$t->nginx_conf(<<"END");
log_format delays '\$uri|\$arg_n|\$status|\$gate_limit_status|\$limit_req_status|\$request_time|\$msec|\$body_bytes_sent';
access_log logs/delays.log delays;
sendfile on; keepalive_requests 10000; client_body_timeout 60s;
limit_req_zone \$uri zone=theirs:64k rate=5r/s; gate_limit_zone \$uri zone=ours:64k rate=5r/s;
limit_req_zone \$uri zone=slow_theirs:64k rate=1r/m; gate_limit_zone \$uri zone=slow:64k rate=1r/m;
gate_limit_zone \$uri zone=fast:64k rate=2r/s;
gate_limit_zone \$uri zone=bodies:64k rate=1r/s;
gate_limit_zone \$uri zone=faster:64k rate=4r/s;
server {
    listen 127.0.0.1:%%PORT%%;
    root %%DIR%%/html;
    location = /ours { gate_limit zone=ours burst=6 delay=2; empty_gif; }
    location = /theirs { limit_req zone=theirs burst=6 delay=2; empty_gif; }
    location = /both { gate_limit zone=ours burst=6; limit_req zone=theirs burst=6; empty_gif; }
    location = /two { gate_limit zone=fast burst=9; gate_limit zone=faster burst=9; empty_gif; }
    location = /status { stub_status; }
    location = /slow { gate_limit zone=slow $delayed; empty_gif; }
    location = /large { gate_limit zone=fast $delayed; }
    location /put { gate_limit zone=bodies $delayed; proxy_pass http://127.0.0.1:%%PORT1%%; client_max_body_size 10m; }
    location /put/stream {
        gate_limit zone=bodies $delayed;
        proxy_request_buffering off; proxy_http_version 1.1;
        proxy_pass http://127.0.0.1:%%PORT1%%; client_max_body_size 10m;
    }
}
server { listen 127.0.0.1:%%PORT1%%; access_log off; root %%DIR%%/stored; location / { dav_methods PUT; create_full_put_path on; client_max_body_size 10m; } }
server {
    listen 127.0.0.1:%%PORT2%% http2;
    location = /slow2 { gate_limit zone=slow $delayed; empty_gif; }
    location = /large2 { gate_limit zone=fast $delayed; alias %%DIR%%/html/large; }
}
END
$t->start_nginx;

sub rows ($uri) { return grep { $_->[0] eq $uri } map { [split /\|/] } split /\n/, $t->log_text('delays.log') }

sub wait_for_rows ($uri, $count) {
    return wait_for(sub { my @rows = rows($uri); @rows >= $count && \@rows }, 20, "$count log lines of $uri")->@*;
}

# $count requests at once, each on a connection of its own. Returns the connections, without reading.
sub at_once ($uri, $count) {
    my @clients = map { $t->http } 1 .. $count;
    $clients[$_]->connect for 0 .. $#clients;
    $clients[$_]->send($clients[$_]->format({path => "$uri?n=$_"})) for 0 .. $#clients;
    return @clients;
}

# Two streams of one connection.
sub h2 ($uri) { return ('sh', '-c', 'exec nghttp -n -m2 $0 >/dev/null 2>&1', 'http://127.0.0.1:' . $t->port(2) . $uri) }

# At 5r/s each request beyond the second waits 200 ms longer than the one before it. All times are nginx's own.
for my $uri ('/ours', '/theirs') {
    my @statuses = map { $_->read_response->{status} } at_once($uri, 9);
    my @rows = sort { $a->[5] <=> $b->[5] } grep { $_->[2] == 200 } wait_for_rows($uri, 9);
    my $refused = grep { $_ == ($uri eq '/ours' ? 429 : 503) } @statuses;
    is scalar(@rows) + $refused, 9, "$uri: admitted or refused";
    is scalar(@rows), 7, "$uri: one, and a burst of 6";
    my $first = (sort { $a <=> $b } map { $_->[6] - $_->[5] } @rows)[0];
    my @delayed = @rows[3 .. 6];
    for my $i (0 .. 3) {
        my $waited = $delayed[$i][6] - $first;
        ok $waited > 0.2 * ($i + 1) - 0.005, sprintf '%s: request %d of those delayed went on after %.3f s', $uri, $i + 1, $waited;
    }
    is join(' ', map { ($uri eq '/ours' ? $_->[3] : $_->[4]) } @rows), 'PASSED ' x 3 . 'DELAYED DELAYED DELAYED DELAYED', "$uri: statuses";
}

subtest 'beside limit_req' => sub {
    is $_->read_response->{status}, 200 for at_once('/both', 4);
    my @rows = sort { $a->[5] <=> $b->[5] } wait_for_rows('/both', 4);
    cmp_ok $rows[3][5], '>=', 0.595, 'the delays of both';
    is $rows[3][3], 'DELAYED';
};

subtest 'two zones' => sub {
    is $_->read_response->{status}, 200 for at_once('/two', 3);
    my @rows = sort { $a->[5] <=> $b->[5] } wait_for_rows('/two', 3);
    my $first = (sort { $a <=> $b } map { $_->[6] - $_->[5] } @rows)[0];
    cmp_ok $rows[2][6] - $first, '>=', 0.995, 'the longest delay counts';
};

subtest 'a body that comes meanwhile' => sub {
    my $body = join '', map { chr rand 256 } 1 .. 300_000;
    for my $uri ('/put/whole', '/put/stream') {
        $t->request({method => 'PUT', path => $uri, body => 'x'});
        my $client = $t->http(0, timeout => 30)->connect;
        my $half = length($body) / 2;
        my $head = $client->format({method => 'PUT', path => $uri, headers => {'Content-Length' => length $body}});
        $client->send($head . substr $body, 0, $half);
        $client->send(substr $body, $half);
        is $client->read_response->{status}, 204, $uri;
        is md5_hex(read_file($t->dir("stored$uri"))), md5_hex($body), "$uri: reaches the upstream intact";
        is((wait_for_rows($uri, 2))[1][3], 'DELAYED', "$uri: delayed");
    }
};

subtest 'a large answer' => sub {
    my @bodies = map { md5_hex($_->read_response->{body}) } at_once('/large', 3);
    is_deeply \@bodies, [(md5_hex $large) x 3], 'is whole';
    is scalar(grep { $_->[3] eq 'DELAYED' } wait_for_rows('/large', 3)), 2, 'after a delay';
    is system(h2('/large2')), 0, 'over HTTP/2';
    my @rows = wait_for_rows('/large2', 2);
    is $_->[7], length $large, "$_->[3]: all of it was sent" for @rows;
};

subtest 'a client that leaves' => sub {
    my ($stays) = at_once('/slow', 1);
    is $stays->read_response->{status}, 200, 'one passes';
    my @leave = at_once('/slow', 3);
    # Who leaves before the request has been read is noticed after the delay, here as with limit_req.
    $t->wait_for_answer('/status', sub ($r) { $r->{body} =~ /Writing: 4/ });
    $_->close for @leave;
    my @rows = wait_for_rows('/slow', 4);
    is_deeply [map { "$_->[2] $_->[3]" } @rows[1 .. 3]], [('499 DELAYED') x 3], '499 at once, not after a minute';
    my $pid = fork // die;
    exec h2('/slow2') or die if !$pid;
    wait_for_rows('/slow2', 1);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    is((wait_for_rows('/slow2', 2))[1][2], 499, 'over HTTP/2');
};

is $t->stop_nginx, 'exit 0', 'nginx ends';
$t->done;
