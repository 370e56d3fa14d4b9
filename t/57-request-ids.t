#!/usr/bin/perl
# gate_request_id: one id of a client in nginx's log, the audit log, the sidecar's log and the app; ids that are none.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Credentials qw(hs256);
use Gatehouse::Http;
use Gatehouse::Upstream;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my $secret = 'a secret of more than thirty-two bytes';
chmod 0600, $t->write_file('secret', $secret);
my $app = Gatehouse::Upstream->start($t->port(2));
$t->sidecar_config({
    sources => {up => {kind => 'dataset'}, gone => {kind => 'csv', path => '%%DIR%%/gone.csv'}},
    cards => {broken => {path => '/api/broken/{n}', sql => 'select $n as n from gone', params => {n => 'integer'}}},
    audit => {map { $_ => "%%DIR%%/audit.$_" } qw(file key_file state)}});
$t->start_sidecar;
my $format = Gatehouse::root() . '/conf/nginx/log-format.conf';
$t->nginx_conf(<<"END");
include $format;
access_log %%DIR%%/access.json gatehouse;
gate_auth jwt;
gate_jwt_key secret=%%DIR%%/secret alg=HS256;
gate_audit on;
proxy_set_header X-Request-ID \$request_id;
proxy_set_header Gate-Identity \$gate_identity;
server {
    listen 127.0.0.1:%%PORT%%;
    gate_request_id client;
    location /app/ { proxy_pass http://127.0.0.1:%%PORT2%%/echo/; }
    location /echo/ { error_page 404 = \@app; try_files /nothing =404; }
    location \@app { proxy_pass http://127.0.0.1:%%PORT2%%; }
    location /anybody { gate_auth off; gate_board on; proxy_pass http://unix:%%API%%:; }
    location / { proxy_pass http://unix:%%API%%:; }
}
server {
    listen 127.0.0.1:%%PORT1%%;
    location / { proxy_pass http://127.0.0.1:%%PORT2%%/echo/; }
}
END
$t->start_nginx;
$t->wait_in_step;

my %ada = (Authorization => 'Bearer ' . hs256({sub => 'ada', scope => 'read write:up', exp => time + 600}, $secret));
sub lines ($file) { return map { eval { decode_json($_) } // () } split /\n/, Gatehouse::read_file($t->dir($file)) // '' }
sub found ($id, $file) {
    my @found;
    return eval { wait_for(sub { @found = grep { ($_->{request_id} // '') eq $id } lines($file) }, 10, 'the id'); 1 } ? @found : ();
}
sub told ($response) { return $response->{body} =~ /^X-Request-Id: (\S*)\r?$/mi ? $1 : undef }

# The examples of RFC 9562, one in capitals, and one as nginx writes them.
my @ids = qw(919108f7-52d1-4320-9bac-f847db4148a8 C232AB00-9414-11EC-B3C8-9F6BDECED846 017f22e279b07cc398c4dc0c0c07398f);
for my $id (@ids) {
    my %sent = (%ada, 'X-Request-ID' => $id);
    is told($t->get('/app/x', %sent)), $id, "$id: what the app receives";
    is scalar(found($id, 'access.json')), 1, 'the access log has it';
    is scalar(found($id, 'audit.file')), 1, 'the audit log, too';
    my $answer = $t->get('/api/broken/1', %sent);
    cmp_ok $answer->{status}, '>=', 500, 'an answer on demand that fails';
    is decode_json($answer->{body})->{request_id}, $id, 'the client is told the id';
    my ($line) = found($id, 'logs/sidecar.log');
    is "$line->{message} $line->{path} $line->{level}", 'api request failed /api/broken/1 warning', 'the sidecar logs it';
    ok length $line->{error}, "with the reason: $line->{error}";
}
my $upload = 'a' x 32;
my $refused = $t->request({method => 'PUT', path => '/gatehouse/api/v1/datasets/up', body => "n\n\"1\n",
    headers => {%ada, 'X-Request-ID' => $upload, 'Content-Type' => 'text/csv'}});
cmp_ok $refused->{status}, '>=', 400, 'an upload that is refused';
my ($line) = found($upload, 'logs/sidecar.log');
is "$line->{message} $line->{method} $line->{status}", "api request refused PUT $refused->{status}", 'is in the log of the sidecar under its id';

# --- ids that are none, and servers that take none ---
for my $odd ('7', 'x' x 32, '919108f7-52d1-4320-9bac-F847DB4148A8', '919108f7_52d1_4320_9bac_f847db4148a8', 'a' x 33, 'a"b') {
    my $id = told($t->get('/app/x', %ada, 'X-Request-ID' => $odd));
    like $id, qr/^[0-9a-f]{32}$/, "$odd: nginx makes one";
    isnt $id, $odd, 'of its own';
}
my $twice = $t->request({method => 'GET', path => '/app/x', headers => [%ada, 'X-Request-ID' => $ids[0], 'X-Request-ID' => $ids[1]]});
like told($twice), qr/^[0-9a-f]{32}$/, 'sent twice: nginx makes one';
is told($t->get('/echo/moved', %ada, 'X-Request-ID' => $ids[0])), $ids[0], 'it stays with a request that is sent round';
like told(Gatehouse::Http->new(port => $t->port(1))->get('/x', %ada, 'X-Request-ID' => $ids[0])), qr/^(?!919108f7)[0-9a-f]{32}$/,
    'own, the default: nginx makes one';
$t->nginx_conf('gate_request_id somebody;');
my ($exit, $said) = $t->nginx_test;
isnt $exit, 0, 'another word is refused';
like $said, qr/invalid value "somebody" in "gate_request_id" directive, it must be "own" or "client"/, 'with those that there are';
$t->done;
