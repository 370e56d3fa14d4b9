#!/usr/bin/perl
# Uploads of one dataset at the same time: each whole, one after the other; one key is taken once; and what a large one takes of memory.

use v5.36;
use lib 't/lib';
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my $secret = 'a secret of more than thirty-two bytes';
my $memory_limit = 64;  # MiB
chmod 0600, $t->write_file('secret', $secret);
$t->sidecar_config({
    engine => {memory_limit => "${memory_limit}m"},
    sources => {d => {kind => 'dataset'}, large => {kind => 'dataset', max_size => '1g'}},
    cards => {d => {path => '/d', sql => 'select n, count(*)::int as c from d group by n order by n', shape => 'records', formats => ['csv']}}});
$t->start_sidecar;
$t->nginx_conf(<<'END');
    gate_link %%LINK%%;
    gate_board_file %%BOARD%%;
    server {
        listen 127.0.0.1:%%PORT%%;
        client_max_body_size 0;
        location / { gate_board on; }
        location /gatehouse/api/ {
            gate_auth jwt;
            gate_jwt_key secret=%%DIR%%/secret alg=HS256;
            proxy_set_header Gate-Identity $gate_identity;
            proxy_request_buffering off;
            proxy_http_version 1.1;
            proxy_pass http://unix:%%API%%:;
        }
    }
END
$t->start_nginx;

my $all = '/gatehouse/api/v1/datasets';
my $bearer = 'Bearer ' . hs256({sub => 'ada', scope => 'write:d write:large', exp => time + 3600}, $secret);
sub told () { return decode_json($t->get("$all/d", Authorization => $bearer)->{body}) }
sub rows_of ($number, $count) { return "n\n" . "$number\n" x $count }

# Sends uploads, [method, body, key], side by side: all but the ends of all, then the ends. Their answers, [status, body, replayed].
sub at_once (@uploads) {
    my @clients;
    for my $upload (@uploads) {
        my ($method, $body, $key) = @$upload;
        my $client = $t->http(0, timeout => 30);
        $client->connect;
        $client->send("$method $all/d HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: $bearer\r\nContent-Type: text/csv\r\n"
            . (defined $key ? "Idempotency-Key: $key\r\n" : '') . 'Content-Length: ' . length($body) . "\r\n\r\n" . substr $body, 0, -1);
        push @clients, [$client, substr $body, -1];
    }
    $_->[0]->send($_->[1]) for @clients;
    return map { my $answer = $_->[0]->read_response; [$answer->{status}, $answer->{body}, $answer->{header}{'idempotency-replayed'} // ''] } @clients;
}
# The card's lines once it has those that were told.
sub seen () {
    my $rows = told()->{rows};
    my @lines;
    wait_for(sub {
        @lines = split /\r?\n/, $t->get('/d')->{body};
        shift @lines;
        my $sum = 0;
        $sum += (split /,/)[1] // 0 for @lines;
        return $sum == $rows;
    }, 15, "$rows rows in the card");
    return join ' ', @lines;
}

# --- two that replace ---
my %winners;
for my $round (1 .. 8) {
    my @answers = at_once(['PUT', rows_of(1, 20_000)], ['PUT', rows_of(2, 30_000)]);
    is_deeply [map { $_->[0] } @answers], [200, 200], "round $round: two PUTs at once are both taken";
    my $seen = seen();
    like $seen, qr/^(?:1,20000|2,30000)$/, 'and one of them is there, whole';
}

# --- one that replaces and one that adds ---
for my $round (1 .. 8) {
    at_once(['PUT', rows_of(0, 7)]);
    my @answers = at_once(['PUT', rows_of(3, 25_000)], ['POST', rows_of(4, 11_000)]);
    is_deeply [map { $_->[0] } @answers], [200, 200], "round $round: a PUT and a POST at once are both taken";
    like seen(), qr/^3,25000(?: 4,11000)?$/, 'one after the other: what was replaced is gone';
}

# --- those that add ---
at_once(['PUT', rows_of(0, 1)]);
is_deeply [map { $_->[0] } at_once(map { ['POST', rows_of($_, 1_000)] } 1 .. 6)], [(200) x 6], 'six POSTs at once are all taken';
is seen(), join(' ', '0,1', map { "$_,1000" } 1 .. 6), 'and all are there, whole';

# --- one key ---
my $rows = told()->{rows};
for my $round (1 .. 8) {
    my @answers = at_once(map { ['POST', rows_of(9, 5_000), "key-$round"] } 1 .. 4);
    $rows += 5_000;
    is_deeply [map { $_->[0] } @answers], [(200) x 4], "round $round: one key four times at once is answered four times";
    is scalar(grep { $_->[1] eq $answers[0][1] } @answers), 4, 'alike';
    is scalar(grep { $_->[2] eq 'true' } @answers), 3, 'three times from the first';
    is told()->{rows}, $rows, 'and taken once';
}
my @answers = at_once(map { ['POST', rows_of($_, 10), 'key'] } 1 .. 4);
is_deeply [sort map { $_->[0] } @answers], [200, 422, 422, 422], 'of four others under one key one is taken';

# --- memory ---
# 400 MB, a megabyte at a time: they are nowhere in memory as a whole, neither here nor there.
SKIP: {
    skip 'a sanitizer needs memory of its own', 2 if $t->sanitizer;
    my $pid = $t->sidecar_pid;
    my $piece = join '', map { sprintf "%07d,%07d\n", $_, 9_999_999 - $_ } 1 .. 65_536;
    my $pieces = 400;
    my $client = $t->http(0, timeout => 120);
    $client->connect;
    $client->send("PUT $all/large HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: $bearer\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na,b\n\r\n");
    my $chunk = sprintf("%x\r\n", length $piece) . "$piece\r\n";
    $client->send($chunk) for 1 .. $pieces;
    $client->send("0\r\n\r\n");
    my $answer = $client->read_response;
    is $answer->{status}, 200, 'a large upload in chunks' or diag $answer->{body};
    is decode_json($answer->{body})->{rows}, $pieces * 65_536, 'of that many rows';
    cmp_ok Gatehouse::Process::memory_kib($pid, 'VmHWM') / 1024, '<', $memory_limit + 150, 'takes no more memory than the bound of the engine and 150 MiB';
}
$t->done;
