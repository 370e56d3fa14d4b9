#!/usr/bin/perl
# gate_audit: each guard's decisions give the line they should, levels, $gate_decision, and nothing can be put in.
use v5.36;
use lib 't/lib';
use Encode qw(encode);
use Test::More;
use Gatehouse;
use Gatehouse::Audit qw(audit_config audit_raw decisions wait_for_audit chain_flaw audit_key);
use Gatehouse::Credentials qw(hs256 json);
use Gatehouse::Metrics qw(samples);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

my $secret = 'a secret of more than thirty-two bytes';
$t->write_file('secret', $secret);
chmod 0600, $t->dir('secret');
$t->sidecar_config({sources => {}, cards => {}, audit => audit_config()});
$t->start_sidecar;
$t->nginx_conf(<<'END');
log_format seen '$request_id $gate_decision $gate_reason $status $uri';
access_log logs/access-seen.log seen;
gate_limit_zone $arg_k zone=slow:128k rate=1r/m;
gate_limit_zone $arg_k zone=second:128k rate=1r/s;
gate_limit_zone $arg_k zone=day:128k quota=1/day;
gate_conn_zone $arg_k zone=open:128k;
gate_jwt_key secret=secret alg=HS256;
server {
    listen 127.0.0.1:%%PORT%%;
    gate_audit on;
    location /none { empty_gif; }
    location /rate { gate_limit zone=slow; empty_gif; }
    location /quota { gate_limit zone=day; gate_audit denied; empty_gif; }
    location /delay { gate_limit zone=second burst=5; empty_gif; }
    location /dry { gate_limit zone=day; gate_limit_dry_run on; empty_gif; }
    location /off { gate_limit zone=day; gate_audit off; empty_gif; }
    location /auth { gate_auth jwt; gate_require scope=read; gate_route guarded; empty_gif; }
    location /page { gate_auth jwt; error_page 401 = @page; empty_gif; }
    location @page { gate_audit off; empty_gif; }
    location /sub { auth_request /auth; empty_gif; }
    location /cap { gate_conn zone=open 1; proxy_pass http://127.0.0.1:%%PORT1%%; }
    location /net { gate_geo_deny net=127.0.0.0/8; empty_gif; }
    location = /metrics { gate_metrics; }
}
server { listen 127.0.0.1:%%PORT1%%; location / { gate_limit zone=slow; gate_audit off; empty_gif; } }
END
$t->start_nginx;
$t->wait_in_step;

my $now = time;
my $count = 0;
# Asks, and returns the line that came of it; lines of other requests in between are no lines of ours.
sub line_of ($path, %headers) {
    my $response = $t->get($path, %headers);
    my $last = ++$count;
    my @lines = decisions(wait_for_audit($t, sub (@all) { decisions(@all) >= $last }));
    is scalar @lines, $last, "$path: one line" or diag json(\@lines);
    is $lines[-1]{status}, $response->{status}, "$path: $response->{status}";
    return $lines[-1];
}
sub is_line ($line, $name, %expected) { is_deeply {map { $_ => $line->{$_} } keys %expected}, \%expected, $name }
sub bearer (%claims) {
    return (Authorization => 'Bearer ' . hs256({exp => $now + 600, %claims}, $secret));
}

my $admitted = line_of('/rate?k=1');
is_line $admitted, 'admitted by a limit', client => '127.0.0.1', user => undef, token_id => undef, route => '/rate',
    method => 'GET', verdict => 'admitted', stage => 'limit', reason => 'none', rule => undef, country => undef;
like $admitted->{request_id}, qr/^[0-9a-f]{32}$/, 'it has a request id';
like $admitted->{time}, qr/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'and a time';
is_line line_of('/rate?k=1'), 'refused by a rate', verdict => 'refused', stage => 'limit', reason => 'rate', rule => 'slow';

my $refusal = $t->get('/rate?k=1', Accept => 'application/problem+json');
++$count;
my $refused = (decisions(wait_for_audit($t, sub (@all) { decisions(@all) >= $count })))[-1];
is $refused->{request_id}, JSON::PP::decode_json($refusal->{body})->{request_id}, 'the id is the one that the client was told';

$t->get('/quota?k=2');
is_line line_of('/quota?k=2'), 'denied: the refusal alone', verdict => 'refused', reason => 'quota', rule => 'day';
$t->get("/$_?k=2") for qw(none off off);
is_line line_of('/dry?k=2'), 'dry run', verdict => 'dry_run', stage => 'limit', reason => 'quota', rule => 'day', route => '/dry';
line_of('/delay?k=3');
is_line line_of('/delay?k=3'), 'delayed', verdict => 'delayed', stage => 'limit', reason => 'rate', rule => 'second', status => 200;
is_line line_of('/auth'), 'no credentials', verdict => 'refused', stage => 'auth', reason => 'no_credentials', user => undef, route => 'guarded';
is_line line_of('/auth', bearer(sub => 'ada', scope => 'read', jti => 'id-1')), 'admitted by its token',
    verdict => 'admitted', stage => 'auth', reason => 'none', user => 'ada', token_id => 'id-1', rule => undef;
is_line line_of('/auth', bearer(sub => 'bob', scope => 'write')), 'what was required',
    verdict => 'refused', reason => 'insufficient_scope', user => 'bob', rule => 'scope:read';
is_line line_of('/auth', bearer(sub => 'bob', exp => $now - 9999)), 'expired', verdict => 'refused', reason => 'expired', user => undef;
is_line line_of('/page'), 'an error page hides nothing', verdict => 'refused', stage => 'auth', route => '/page';
is_line line_of('/sub', bearer(sub => 'eve', scope => 'write')), 'what a subrequest decided',
    verdict => 'refused', stage => 'auth', rule => 'scope:read', user => 'eve';
is_line line_of('/net'), 'the network', verdict => 'refused', stage => 'geo', reason => 'network';
is_line line_of('/cap?k=4'), 'admitted by a cap', verdict => 'admitted', stage => 'conn', reason => 'none';

# What others put into names stays within a value.
my $long = 'x' x 200;
for my $name ("new\nline\r\n{\"seq\":1}", "esc\e[31m\x00\x7f") {
    is line_of('/auth', bearer(sub => $name, scope => 'read'))->{user}, undef, 'a name with control characters is none';
}
for my $name ("quote\"}\\", "\x{202e}\x{e4}\x{1F600}", $long) {
    my $line = line_of('/auth', bearer(sub => encode('UTF-8', $name), scope => 'read'));
    is $line->{user}, substr($name, 0, 128), 'the name comes out as it went in, cut at 128 bytes';
}
ok !(grep { /[\x00-\x1f\x7f]/ } audit_raw($t)), 'no control character in the file';

# --- the log as a whole ---
my @lines = wait_for_audit($t, sub (@all) { decisions(@all) >= $count });
is_deeply [map { $_->{seq} } @lines], [1 .. @lines], 'numbers without a gap';
is $lines[0]{event}, 'start', 'it begins with a start record';
is chain_flaw(audit_key($t), audit_raw($t)), undef, 'the chain holds, by other code';
ok !(grep { (stat $t->dir($_))[2] & 0007 } qw(audit.log audit.key)) && ((stat $t->dir('audit.key'))[2] & 0777) == 0600,
    'modes of log and key';
my $all = read_file($t->dir('audit.log'));
unlike $all, qr/\Q$secret\E|Bearer|eyJ/, 'no secret in it';
is +(() = $t->get('/metrics')->{body} =~ /^gatehouse_audit_(?:decisions_total $count|dropped_total 0)$/mg), 2, 'metrics';

my %seen = map { /^(\S+) (\S+) (\S+) (\S+) (\S+)$/ ? ($1 => "$2 $3") : () } split /\n/, $t->log_text('access-seen.log');
is $seen{$_->{request_id}}, "$_->{verdict} $_->{reason}", 'variables of ' . $_->{request_id} for (decisions(@lines))[0 .. 3];
like $t->log_text('access-seen.log'), qr/ - - 200 \/none$/m, 'no variables without a guard';

# --- the command line ---
my ($exit, $out) = $t->ctl('audit', 'verify');
is "$exit $out", '0 ' . @lines . ' lines in 1 file: as they were written, the last is number ' . @lines . "\n", 'audit verify';
($exit, $out) = $t->ctl('audit', 'tail', '-n', 5);
is scalar(() = $out =~ /\n/g), 5, 'audit tail -n 5';
unlike $out, qr/[\x00-\x09\x0b-\x1f\x7f]/, 'nothing that moves a terminal';
like $out, qr/ admitted auth\/none 127\.0\.0\.1 quote"\}\\ - GET guarded 200 [0-9a-f]{32}$/m, 'a line for people';
($exit, $out) = $t->ctl('-o', 'json', 'audit', 'tail', '-n', 1000);
is $out, $all, 'audit tail as JSON is the log itself';
$t->done;
