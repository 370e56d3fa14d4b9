#!/usr/bin/perl
# The deployment of conf/examples/visualizer: instances that come and go, Socket.IO, TLS, limits, and what probes are told.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Example;
use Gatehouse::Metrics qw(samples);
use Gatehouse::Redis;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 8, workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my ($plain, $tls, $site) = (0, 1, 2);  # the port of probes, that of TLS, and the same server without
my @instance = map { $t->port($_) } 3 .. 5;

# --- the example as it stands; checks every second, its server of TLS on a port without as well ---
my $example = Gatehouse::Example->new($t, 'visualizer', {
    8080 => $t->port($plain), 8443 => $t->port($tls), (map { (5000 + $_ => $instance[$_]) } 0 .. 2), 5100 => $t->port(6), 6379 => $t->port(7)});
mkdir $t->dir($_) for qw(certs static projects);
$ENV{VERSION} = '3.0.1';
$example->write('gatehouse.json', sub ($text) { $text =~ s/"interval": "(?:5s|1m)"/"interval": "1s"/gr });
$example->write('nginx.conf', sub ($text) { $text =~ s/interval=5s/interval=500ms/r =~ s/(listen \S+ ssl http2;)/$1 listen 127.0.0.1:@{[$t->port($site)]};/r });
$example->write("projects/$_") for qw(atlas.json borealis.json);
$t->write_file('log-format.conf', read_file(Gatehouse::root() . '/conf/nginx/log-format.conf'));
$t->write_file('static/app.4f2a9c.js', 'x' x 2000);
my ($made) = $t->run_program(['openssl', qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=visualizer.example.com),
    qw(-addext subjectAltName=DNS:visualizer.example.com -keyout), $t->dir('certs/visualizer.key'), '-out', $t->dir('certs/visualizer.crt')]);
is $made, 0, 'a certificate';

my %process;
sub start_app ($role, $port) {
    $process{$port} = $t->spawn(name => "app.py $role", log => 'app.log', command => ['python3', $example->source('app.py'), $role, $port]);
    wait_for(sub { Gatehouse::Nginx::accepts($port) }, 20, "the $role");
    return;
}
start_app('instance', $_) for @instance;
start_app('orchestrator', $t->port(6));
my $redis = Gatehouse::Redis->start($t->port(7));
$t->start_sidecar;
my ($valid, $said) = $t->nginx_test;
is $valid, 0, 'nginx -t' or diag $said;
unlike $said, qr/\[warn\]/, 'without a warning';
$t->start_nginx;
$t->wait_in_step;

sub probe ($path) {
    my $response = $t->get($path);
    return ($response->{status}, decode_json($response->{body}), $response);
}
sub ready_is ($status, $checks, $what) {
    my $last;
    my $ok = eval { wait_for(sub {
        my ($got, $body) = probe('/ready');
        $last = $body;
        my ($expected, $told) = map { JSON::PP->new->canonical->encode($_) } $checks, $body->{checks};
        return $got == $status && $expected eq $told;
    }, 20, $what) };
    ok($ok, "$what: $status") or diag explain $last;
    is $last->{status}, $status == 200 ? 'ready' : 'not ready', "$what: in these words";
    return $last;
}
# As a client of the network 127.0.NET.0/24: ip_hash takes no more of an address than that.
sub from ($net, $path, %fields) { return $example->from("127.0.$net.1", $t->port($site))->get($path, %fields) }

# --- probes: the application's own answers ---
my %all = map { $_ => $true } qw(redis projects orchestrator);
my $ready = ready_is(200, \%all, 'all is well');
is_deeply [sort keys %$ready], [qw(checks status timestamp)], 'ready: its members';
my ($status, $body) = probe('/health');
is $status, 200, 'health: 200';
is_deeply [sort keys %$body], [qw(status timestamp version)], 'health: its members';
is "$body->{status} $body->{version}", 'healthy 3.0.1', 'health: healthy';
like $body->{timestamp}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/, 'health: as isoformat() has it';
is from(1, $_)->{status}, 200, "$_ on the site, too" for '/health', '/ready';
ok eval { wait_for(sub { (undef, $body) = probe('/health/detailed'); ($body->{checks}{certificate}{status} // '') eq 'up' && ($body->{checks}{'upstream:visualizer'}{status} // '') eq 'up' }, 20, 'up') },
    'the certificate and the instances are looked at, too' or diag explain $body;
is_deeply [sort keys %{$body->{checks}}], [sort keys %all, qw(certificate disk memory upstream:visualizer)], 'detailed: all checks';

# --- Redis, the projects, the orchestrator are away, one after the other ---
$redis->stop;
ready_is(503, {%all, redis => $false}, 'without Redis');
is((probe('/health'))[0], 200, 'nothing is to be restarted for that');
$redis = Gatehouse::Redis->start($t->port(7));
ready_is(200, \%all, 'Redis is back');
rename $t->dir('projects'), $t->dir('projects.away') or die $!;
ready_is(503, {%all, projects => $false}, 'without the projects');
rename $t->dir('projects.away'), $t->dir('projects') or die $!;
ready_is(200, \%all, 'the projects are back');
$process{$t->port(6)}->stop('KILL');
ready_is(503, {%all, orchestrator => $false}, 'without the orchestrator');
start_app('orchestrator', $t->port(6));
ready_is(200, \%all, 'the orchestrator is back');

# --- TLS ---
my $moved = $t->get('/projects/atlas?tab=1');
is_deeply [$moved->{status}, $moved->{header}{location}], [308, 'https://visualizer.example.com/projects/atlas?tab=1'], 'FORCE_HTTPS';
my @curl = ('curl', '-si', '--cacert', $t->dir('certs/visualizer.crt'), '--resolve', 'visualizer.example.com:' . $t->port($tls) . ':127.0.0.1');
my $url = 'https://visualizer.example.com:' . $t->port($tls);
my ($exit, $head) = $t->run_program([@curl, "$url/"]);
like $head, qr{^HTTP/2 200}, 'HTTP/2 over TLS' or diag $exit;
like $head, qr/^strict-transport-security: max-age=63072000; includeSubDomains; preload\r$/mi, 'Strict-Transport-Security';
(undef, $head) = $t->run_program([@curl, '--http1.1', '--max-time', 3, map({ ('-H', $_) } 'Upgrade: websocket', 'Connection: Upgrade',
    'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='), "$url/socket.io/?EIO=4&transport=websocket"]);
like $head, qr{^HTTP/1\.1 101 .*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=}s, 'a WebSocket over TLS';

# --- header fields, on every answer ---
for my $case (['a page', from(2, '/')], ['the card', from(2, '/api/v1/projects')], ['a file', from(2, '/static/app.4f2a9c.js')], ['404', from(2, '/static/none.js')], ['health', from(2, '/health')]) {
    my ($what, $response) = @$case;
    my $header = $response->{header};
    is $header->{'x-frame-options'}, 'DENY', "$what: X-Frame-Options";
    is $header->{'x-content-type-options'}, 'nosniff', "$what: X-Content-Type-Options";
    is $header->{'x-xss-protection'}, '1; mode=block', "$what: X-XSS-Protection";
    like $header->{'content-security-policy'}, qr/connect-src 'self';.*frame-ancestors 'none'$/, "$what: Content-Security-Policy";
    ok !exists $header->{'strict-transport-security'}, "$what: no Strict-Transport-Security without TLS";
    ok !exists $header->{'access-control-allow-origin'}, "$what: nothing for other origins, whatever the app says";
}
is from(2, '/static/app.4f2a9c.js')->{header}{'cache-control'}, 'public, max-age=31536000, immutable', 'a file is kept for a year, said once';
is from(2, '/static/none.js')->{header}{'cache-control'}, undef, 'a file that is not there is not';
is from(2, '/static/app.4f2a9c.js', 'Accept-Encoding' => 'gzip')->{header}{'content-encoding'}, 'gzip', 'gzip';
is from(2, '/login')->{header}{'set-cookie'}, 'session=stand-in; Path=/; Secure; HttpOnly; SameSite=Strict', 'SESSION_COOKIE_…';
my $passed = decode_json(from(2, '/')->{body});
is $passed->{fields}{Connection}, undef, 'connections to the app are kept';
like $passed->{fields}{'X-Request-Id'}, qr/^[0-9a-f]{32}$/, 'the app is told the request id';

# --- CORS ---
sub preflight ($origin) {
    return $example->from('127.0.2.1', $t->port($site))->request({method => 'OPTIONS', path => '/api/v1/projects', headers => {Origin => $origin,
        'Access-Control-Request-Method' => 'PUT', 'Access-Control-Request-Headers' => 'authorization'}})->{header};
}
my $granted = preflight('https://visualizer.example.com');
is_deeply [@$granted{map { "access-control-allow-$_" } qw(origin credentials methods)}],
    ['https://visualizer.example.com', 'true', 'GET, POST, PUT, DELETE'], 'allowed_origins' or diag explain $granted;
ok !exists preflight('https://evil.example')->{'access-control-allow-origin'}, 'nobody else';

# --- the list of projects: a card; ten a minute ---
my $projects = from(3, '/api/v1/projects');
like $projects->{header}{'cache-status'}, qr/^gatehouse; hit/, 'projects: from memory';
is_deeply [map { "$_->{name} $_->{priority}" } @{decode_json($projects->{body})}], ['atlas high', 'borealis normal'], 'projects: as their files say';
$t->write_file('projects/atlas.json', '{"name": "atlas", "status": "active", "priority": "low", "description": ""}');
wait_for(sub { $t->ctl_json(qw(card show projects))->{generation} ne ($projects->{generation} // '') && from(4 + int rand 200, '/api/v1/projects')->{body} =~ /"low"/ }, 20, 'the change');
pass 'projects: new as soon as a file is';
my @codes = map { from(250, '/api/v1/projects')->{status} } 1 .. 15;
is_deeply \@codes, [(200) x 10, (429) x 5], 'projects: ten a minute' or diag "@codes";
my $limited = from(250, '/api/v1/projects');
like $limited->{header}{'content-type'}, qr{^application/problem\+json}, '429: a problem';
is $limited->{header}{'x-frame-options'}, 'DENY', '429: with the fields of all answers';
@codes = map { from(251, '/page')->{status} } 1 .. 55;
is_deeply \@codes, [(200) x 50, (429) x 5], 'a route: fifty an hour';
is from(251, '/other')->{status}, 200, 'another route: its own fifty';

# --- Socket.IO: polls reach the instance that knows the session ---
my ($asked, %asked, %sid);
for my $net (1 .. 40) {
    my $opened = from($net, '/socket.io/?EIO=4&transport=polling');
    ($sid{$net}) = $opened->{body} =~ /^0\{"sid": "([^"]+)"/;
    $asked{decode_json(from($net, '/which')->{body})->{instance}}{$net} = 1;
}
is_deeply [sort keys %asked], [sort @instance], 'all instances have clients';
is_deeply [grep { my $net = $_; grep { from($net, "/socket.io/?EIO=4&transport=polling&sid=$sid{$net}")->{status} != 200 } 1 .. 3 } keys %sid], [], 'every poll finds its session';
my ($one, $two) = map { (sort { $a <=> $b } keys %{$asked{$_}})[0] } @instance[0, 1];
is from($two, "/socket.io/?EIO=4&transport=polling&sid=$sid{$one}")->{status}, 400, 'which another instance would not';

# --- a WebSocket, through to the app and back ---
my $wire = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port($site), LocalAddr => "127.0.$one.1") or die $!;
$wire->autoflush(1);
print {$wire} "GET /socket.io/?EIO=4&transport=websocket&sid=$sid{$one} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    . "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
my $answer = '';
while ($answer !~ /\r\n\r\n/) { sysread $wire, $answer, 4096, length $answer or last }
like $answer, qr{^HTTP/1\.1 101 .*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=}s, 'a WebSocket: the handshake of RFC 6455, section 1.3';
sub said ($text) {
    my $mask = 'abcd';
    print {$wire} pack('CC', 0x81, 0x80 | length $text) . $mask . ($text ^. substr($mask x 32, 0, length $text));
    my $frame = '';
    while (length $frame < 2 + length $text) { sysread $wire, $frame, 4096, length $frame or last }
    return substr $frame, 2;
}
is said('2probe'), '2probe', 'a frame comes back';
is samples($t->get('/metrics')->{body})->{'websocket_connections_active'}, 1, 'metrics: one is open';

# --- an instance is killed ---
sub peer ($port) {
    my $peers = decode_json($t->get('/upstreams')->{body})->{upstreams}{visualizer}{peers};
    return (grep { $_->{peer} eq "127.0.0.1:$port" } @$peers)[0];
}
sub everybody_is_served ($what, $path) {
    my %seen;
    for my $net (1 .. 40) {
        my $response = from($net, $path);
        ++$seen{$response->{status}};
        ++$seen{decode_json($response->{body})->{instance}} if $response->{status} == 200;
    }
    is_deeply [grep { $_ < 600 && $_ != 200 } keys %seen], [], "$what: of 40 requests none fails" or diag explain \%seen;
    return \%seen;
}
wait_for(sub { peer($_)->{state} eq 'up' }, 20, 'up') for @instance;
is everybody_is_served('before', '/before')->{200}, 40, 'before: all are answered';
$process{$instance[1]}->stop('KILL');
everybody_is_served('just killed', '/just-killed');
wait_for(sub { peer($instance[1])->{state} eq 'down' }, 30, 'down');
my $seen = everybody_is_served('known to be down', '/known');
is_deeply [sort grep { $_ >= 600 } keys %$seen], [sort @instance[0, 2]], 'by the two others';
is said('still'), 'still', 'a WebSocket to another one goes on';
is((probe('/ready'))[0], 200, 'two of three are ready');
sub states ($body) { return join ' ', $body->{status}, $body->{checks}{'upstream:visualizer'}{status} }
ok eval { wait_for(sub { states((probe('/health/detailed'))[1]) eq 'degraded degraded' }, 20, 'degraded') }, 'and degraded, for who looks';
is samples($t->get('/metrics')->{body})->{qq(gatehouse_upstream_peer_up{upstream="visualizer",peer="127.0.0.1:$instance[1]"})}, 0, 'metrics: its peer is down';
start_app('instance', $instance[1]);
wait_for(sub { peer($instance[1])->{state} eq 'up' }, 30, 'up again');
ok eval { wait_for(sub { decode_json(from($two, '/back-' . ++$asked)->{body})->{instance} == $instance[1] }, 30, 'its clients') }, 'it has its clients back';

# --- all of them ---
$process{$_}->stop('KILL') for @instance;
ok eval { wait_for(sub { (probe('/ready'))[0] == 503 }, 30, 'not ready') }, 'without instances: not ready';
is from(5, '/none')->{status}, 502, 'without instances: 502';
is from(5, '/none')->{header}{'x-frame-options'}, 'DENY', 'with the fields of all answers';
is from(5, '/api/v1/projects')->{status}, 200, 'the card is there';
is((probe('/health'))[0], 200, 'and so is nginx');
close $wire;
start_app('instance', $_) for @instance;
ready_is(200, \%all, 'the instances are back');
wait_for(sub { from(6 + int rand 200, '/again')->{status} == 200 }, 20, 'a request');

# --- caps: twenty at once ---
my @client = map { $example->from('127.0.7.1', $t->port($site)) } 1 .. 25;
$_->send("GET /slow?s=3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") for @client;
my %status;
$status{$_->read_response->{status}}++ for @client;
is_deeply \%status, {200 => 20, 429 => 5}, 'twenty at once of a client';

# --- who sees metrics, and how requests are logged ---
my $metrics = samples($t->get('/metrics')->{body});
cmp_ok $metrics->{'http_requests_total{method="GET",endpoint="app",status="200"}'}, '>', 100, 'metrics: http_requests_total';
cmp_ok $metrics->{'http_request_duration_seconds_count{endpoint="socket.io"}'}, '>', 100, 'metrics: http_request_duration_seconds';
is $example->from('127.0.0.2', $t->port($plain))->get($_)->{status}, 403, "$_: not for strangers" for '/metrics', '/upstreams';
my @lines = map { decode_json($_) } split /\n/, read_file($t->dir('logs/access.json'));
my ($line) = grep { $_->{path} eq '/api/v1/projects' && $_->{status} eq '429' } @lines;
is_deeply [@$line{qw(client method limit limit_zone)}], ['127.0.250.1', 'GET', 'REJECTED', 'projects'], 'log: a line of JSON for each request';
is scalar(grep { $_->{path} eq '/ready' } @lines), 0, 'log: no probes';

# --- limits are still known after a restart of nginx ---
$t->stop_nginx;
$t->start_nginx;
is from(251, '/page')->{status}, 429, 'a restart forgives nothing';
$t->done;
