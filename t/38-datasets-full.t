#!/usr/bin/perl
# Datasets on a disk that becomes full in the midst of an upload: 507, nothing of it is seen, and the room is given back.

use v5.36;
use lib 't/lib';
use JSON::PP qw(decode_json);
use Test::More;
use Gatehouse;
use Gatehouse::Credentials qw(hs256);

plan skip_all => 'needs root, to mount a small file system' if $> != 0;
my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');
my $disk = $t->dir('disk');
mkdir $disk or die "$disk: $!";
plan skip_all => 'needs mount(2), which this machine forbids' if system("mount -t tmpfs -o size=4m tmpfs '$disk' 2>/dev/null") != 0;
END { system("umount '$disk' 2>/dev/null") if $disk }

my $secret = 'a secret of more than thirty-two bytes';
chmod 0600, $t->write_file('secret', $secret);
$t->sidecar_config({
    datasets => {directory => '%%DIR%%/disk/datasets'},
    sources => {d => {kind => 'dataset'}},
    cards => {d => {path => '/d', sql => 'select count(*)::int as n from d', shape => 'value'}}});
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

my $bearer = 'Bearer ' . hs256({sub => 'ada', scope => 'write:d', exp => time + 600}, $secret);
my $path = '/gatehouse/api/v1/datasets/d';
sub api ($method, $body = undef) {
    return $t->request({method => $method, path => $path,
        headers => {Authorization => $bearer, defined $body ? ('Content-Type' => 'text/csv') : ()}, defined $body ? (body => $body) : ()});
}
sub rows () { return decode_json(api('GET')->{body})->{rows} }
sub used () { return (split " ", (split /\n/, qx(df -k "$disk"))[-1])[2] }

is api('PUT', "n\n" . join '', map { "$_\n" } 1 .. 100)->{status}, 200, 'an upload that fits';
$t->wait_for_answer('/d', sub ($response) { $response->{body} =~ /100/ });
my $before = used();

# Larger than the disk: the file of what comes in fills it.
my $answer = api('PUT', "n\n" . "1234567\n" x 1_000_000);
is $answer->{status}, 507, 'one that does not: 507' or diag $answer->{body};
is decode_json($answer->{body})->{title}, 'Insufficient Storage', 'with problem details';
is rows(), 100, 'what was there before is there';
cmp_ok used(), '<=', $before + 8, 'and the room is given back';
is $t->get('/d')->{body}, '100', 'its card stays';

# It fits, but what is made of it does not fit beside it: random numbers do not get smaller.
srand 7;
my $rest = 'n,m,o,p' . "\n" . join '', map { join(',', map { int rand 2**52 } 1 .. 4) . "\n" } 1 .. 45_000;
cmp_ok length $rest, '<', 3_200_000, 'another fits as it comes';
$answer = api('PUT', $rest);
is $answer->{status}, 507, 'but not beside what is made of it: 507' or diag $answer->{body};
is rows(), 100, 'what was there before is there';
cmp_ok used(), '<=', $before + 8, 'and the room is given back';
is api('POST', "n\n101\n")->{status}, 200, 'a small one fits again';
is rows(), 101, 'and is there';
$t->done;
