#!/usr/bin/perl
# Uploads that are cut, of each format, with a length and in chunks, of files and of runs: nothing of them is ever seen.

use v5.36;
use lib 't/lib';
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);

my $t = Gatehouse->new;
plan skip_all => 'needs the module, the sidecar and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

my $secret = 'a secret of more than thirty-two bytes';
chmod 0600, $t->write_file('secret', $secret);
$t->sidecar_config({
    state => {path => '%%DIR%%/state.db'},
    sources => {files => {kind => 'dataset'}, runs => {kind => 'dataset', runs => JSON::PP::true}, made => {kind => 'dataset'}},
    cards => {files => {path => '/files', sql => 'select count(*)::int as n from files', shape => 'value'}}});
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
my $bearer = 'Bearer ' . hs256({sub => 'ada', scope => 'write:files write:runs write:made', exp => time + 3600}, $secret);
sub told ($name) { return decode_json($t->get("$all/$name", Authorization => $bearer)->{body}) }
sub count_of ($name) { my $told = told($name); return join ' ', $told->{rows}, $told->{run_count} // 'none' }
sub left_over () { return glob($t->dir('datasets/.incoming/*')) }
sub head ($name, $type, $framing) {
    return "POST $all/$name HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: $bearer\r\nContent-Type: $type\r\n$framing\r\n\r\n";
}

sub connected ($bytes) {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) or die $!;
    print {$socket} $bytes;
    $socket->flush;
    return $socket;
}
# What comes of an upload: its status, or nothing.
sub answer ($socket) {
    local $/;
    return ((readline($socket) // '') =~ m{^HTTP/1.1 (\d+)})[0];
}
sub sent ($head, $bytes) { return answer(connected($head . $bytes)) }
# One that ends there, once the sidecar has written down what came, as it does by 256 KiB.
sub cut ($head, $bytes) {
    my $socket = connected($head . $bytes);
    wait_for(sub { grep { -s } left_over() }, 10, 'the first of an upload') if length $bytes > 270_000;
    shutdown $socket, 1;
    my $status = answer($socket);
    wait_for(sub { !left_over() }, 10, 'an empty directory');
    return $status;
}
sub chunked ($body) {
    return join '', map { sprintf("%x\r\n", length) . "$_\r\n" } unpack '(a50000)*', $body;
}

my $rows = 50_000;
srand 7;
my $csv = "time,value\n" . join '', map { "$_," . rand . "\n" } 1 .. $rows;
my %body = ('text/csv' => $csv, 'application/x-ndjson' => join('', map { "{\"time\":$_,\"value\":1.5}\n" } 1 .. $rows));
is sent(head('made', 'text/csv', 'Content-Length: ' . length $csv), $csv), 200, 'an upload, whose file is Parquet';
($body{'application/vnd.apache.parquet'}) = map { read_file($_) } glob $t->dir('datasets/made/*.parquet');

my %kept = (files => 0, runs => 0);
for my $name (qw(files runs)) {
    for my $type (sort keys %body) {
        my $body = $body{$type};
        my $chunks = chunked($body);
        # At the ends of lines and chunks too, where what is there looks whole.
        my @places = map { int } 0, 1, 11, 1000, length($body) / 2, length($body) - 4, length($body) - 1;
        push @places, index($body, "\n", $_) + 1 for $type =~ /parquet/ ? () : (0, length($body) / 2);
        my $before = count_of($name);
        my %status;
        ++$status{cut(head($name, $type, 'Content-Length: ' . length $body), substr($body, 0, $_)) // 'none'} for @places;
        ++$status{cut(head($name, $type, 'Transfer-Encoding: chunked'), $_) // 'none'} for
            $chunks, $chunks . '0', $chunks . "0\r\n", substr($chunks, 0, -2), substr($chunks, 0, length($chunks) / 2), substr($chunks, 0, 60_000), substr($chunks, 0, 20);
        ok !(grep { /^2/ } keys %status), "$name, $type: none of those that are cut is taken" or diag explain \%status;
        is count_of($name), $before, 'nor seen';
        is sent(head($name, $type, 'Transfer-Encoding: chunked'), $chunks . "0\r\n\r\n"), 200, 'a whole one in chunks is taken';
        is sent(head($name, $type, 'Content-Length: ' . length $body), $body), 200, 'and one of a length';
        # A file that was cut before it was sent arrives whole. Text may end at any line.
        my $short = substr $body, 0, length($body) - ($type =~ /parquet/ ? 1 : 3);
        is sent(head($name, $type, 'Content-Length: ' . length $short), $short), 422, 'a file that was cut: 422' if $type !~ /csv/;
        $kept{$name} += 2;
        is count_of($name), $kept{$name} * $rows . ($name eq 'runs' ? " $kept{$name}" : ' none'), 'and no more';
    }
}
is $t->wait_for_answer('/files', sub ($response) { $response->{body} eq $kept{files} * $rows })->{body}, $kept{files} * $rows, 'its card has the whole ones';
unlike $t->log_text('sidecar.log'), qr/"level":"error"(?!.*has no data yet)/, 'no error is logged';
$t->done;
