#!/usr/bin/perl
# The sidecar killed with -9 at any moment of uploads: what was answered is there, whole, and nothing is there by half.

use v5.36;
use lib 't/lib';
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;
use Time::HiRes ();
use Gatehouse;
use Gatehouse::Credentials qw(hs256);

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my $secret = 'a secret of more than thirty-two bytes';
chmod 0600, $t->write_file('secret', $secret);
$t->sidecar_config({
    sources => {d => {kind => 'dataset'}},
    cards => {d => {path => '/d', sql => 'select count(*)::int as rows, count(distinct n)::int as uploads from d', shape => 'records'}}});
$t->start_sidecar;
$t->nginx_conf(<<'END');
    gate_link %%LINK%%;
    gate_board_file %%BOARD%%;
    server {
        listen 127.0.0.1:%%PORT%%;
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

my $per_upload = 2000;
my $bearer = 'Bearer ' . hs256({sub => 'ada', scope => 'write:d', exp => time + 3600}, $secret);
my $path = '/gatehouse/api/v1/datasets/d';
sub upload ($number) {
    my $body = "n\n" . "$number\n" x $per_upload;
    my $response = eval {
        $t->request({method => 'POST', path => $path, body => $body,
            headers => {Authorization => $bearer, 'Content-Type' => 'text/csv', 'Idempotency-Key' => "upload-$number"}});
    };
    return $response ? $response->{status} : 0;
}
sub told () {
    my $response = eval { $t->request({method => 'GET', path => $path, headers => {Authorization => $bearer}}) };
    return $response && $response->{status} == 200 ? decode_json($response->{body}) : undef;
}

is upload(0), 200, 'an upload';
my ($acknowledged, $rounds) = (1, $ENV{GATEHOUSE_LONG} ? 100 : 12);
my $half = 0;
for my $round (1 .. $rounds) {
    my $killer = fork // die "fork: $!";
    if ($killer == 0) {
        Time::HiRes::sleep(rand 0.15);  # the moment: anywhere in an upload or two
        kill 'KILL', $t->sidecar_pid;
        POSIX::_exit(0);
    }
    my $number = 1000 * $round;
    ++$number while upload($number) == 200;
    waitpid $killer, 0;
    my $done = $number - 1000 * $round;
    $t->kill_sidecar('KILL');
    $t->start_sidecar;
    my $now = wait_for(sub { told() }, 10, 'the sidecar');
    ++$half if $now->{rows} % $per_upload;
    # The one that was not answered may be there, whole; tried again, it is there once.
    is upload($number), 200, "round $round: killed after $done more; the last one tried again";
    $acknowledged += $done + 1;
    is told()->{rows}, $acknowledged * $per_upload, 'all that were answered are there, once';
}
is $half, 0, "nothing by half after $rounds kills";
my $expected = '[{"rows":' . $acknowledged * $per_upload . ",\"uploads\":$acknowledged}]";
is $t->wait_for_answer('/d', sub ($response) { $response->{body} eq $expected })->{body}, $expected, 'the card has them all';
is_deeply [glob $t->dir('datasets/.incoming/*')], [], 'nothing of the others lies about';
my $manifest = decode_json(read_file($t->dir('datasets/d/manifest.json')));
is_deeply [sort map { s{.*/}{}r } glob $t->dir('datasets/d/*.parquet')], [sort map { $_->{file} } @{$manifest->{parts}}],
    'no file is there that is not named';
$t->done;
