#!/usr/bin/perl
# The deployment of conf/examples/cereon: its own files, a stand-in app, and every answer it promises.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Credentials qw(hs256);
use Gatehouse::Postgres;
use Gatehouse::Redis;
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my $example = Gatehouse::root() . '/conf/examples/cereon';

# --- the example as it stands, on this test's ports and in its directory ---
mkdir $t->dir($_) for qw(run tmp modules data);
my ($exit, undef, $err) = $t->run_program(['perl', "$example/generate.pl", $t->dir('data')]);
is $exit, 0, 'data are generated' or diag $err;
symlink $t->build . '/ngx_http_gatehouse_module.so', $t->dir('modules/ngx_http_gatehouse_module.so');
my $secret = 'k' x 32;
$t->write_file('jwt.secret', $secret);
chmod 0640, $t->dir('jwt.secret');
for my $file (qw(gatehouse.json nginx.conf)) {
    my $text = read_file("$example/$file");
    $text =~ s/127\.0\.0\.1:8080/'127.0.0.1:' . $t->port/ge;
    $text =~ s/127\.0\.0\.1:8000/'127.0.0.1:' . $t->port(1)/ge;
    $text =~ s{run/(link|control)\.sock}{"$t->{dir}/$1.sock"}ge if $file eq 'nginx.conf';
    $text =~ s{"run/(link|control)\.sock"}{"\"$t->{dir}/$1.sock\""}ge if $file eq 'gatehouse.json';
    $text =~ s/127\.0\.0\.1:6379/'127.0.0.1:' . $t->port(2)/ge;
    $text =~ s/("timeout": "5s",\s+)?"interval": "10s"/($1 ? '"timeout": "1s", ' : '') . '"interval": "1s"'/ge;
    $text =~ s{run/board}{$t->board_path}ge;
    $text =~ s{run/nginx\.pid;}{nginx.pid; daemon off;};
    $text = 'user ' . getpwuid($>) . ";\n$text" if $file eq 'nginx.conf' && $> == 0;
    $t->write_file($file, $text);
}
my $pg = Gatehouse::Postgres->available ? Gatehouse::Postgres->new($t, max_connections => 10) : undef;
if ($pg) {
    $pg->start;
    $ENV{DATABASE_URL} = $pg->url;
}
my $redis = Gatehouse::Redis->start($t->port(2));
my $app = $t->spawn(name => 'app.py', command => ['python3', "$example/app.py", $t->port(1)], log => 'app.log');
wait_for(sub { Gatehouse::Nginx::accepts($t->port(1)) }, 20, 'the app');
$t->start_sidecar;
my ($valid, $said) = $t->nginx_test;
is $valid, 0, 'nginx -t' or diag $said;
$t->start_nginx;

my %user = (Authorization => 'Bearer ' . hs256({user_id => 'u-7', exp => time + 600}, $secret));
my %reader = (Authorization => 'Bearer ' . hs256({user_id => 'u-8', exp => time + 600, scope => 'read'}, $secret));
my $origin = 'https://app.yourdomain.com';
sub records ($path, %fields) {
    my $response = $t->get($path, %user, %fields);
    is $response->{status}, 200, "$path: 200" or diag $response->{body};
    return eval { decode_json($response->{body}) } // [{}];
}
wait_for(sub { ! grep { !$_->{generation} } @{$t->ctl_json('card', 'list')->{cards}} }, 20, 'every card');

# --- records: expected values from the CSV itself ---
my %day;
my ($total, @rows) = (0);
for my $line (split /\n/, read_file($t->dir('data/orders.csv'))) {
    my ($id, $date, $region, $product, $quantity, $revenue) = split /,/, $line;
    next if $id eq 'id';
    $day{$date} += sprintf '%.0f', $revenue * 100;  # in cents
    $total += sprintf '%.0f', $revenue * 100;
    push @rows, {id => $id + 0, date => $date, region => $region, product => $product, quantity => $quantity + 0, revenue => $revenue + 0};
}
my ($record) = @{records('/api/cards/sales/daily')};
is_deeply [@$record{qw(kind report_id card_id)}], [qw(chart sales daily)], 'chart: kind and ids';
is_deeply [map { [$_->{date}, sprintf '%.0f', $_->{revenue} * 100] } @{$record->{data}{data}}],
    [map { [$_, $day{$_}] } sort keys %day], 'chart: a point a day';
($record) = @{records('/api/cards/sales/total')};
is_deeply [@$record{qw(kind report_id card_id)}], [qw(number sales total)], 'number: kind and ids';
is sprintf('%.0f', $record->{data}{value} * 100), $total, 'number: the sum of the chart\'s points';
is $record->{data}{unit}, 'EUR', 'number: what the envelope says beside it';
($record) = @{records('/api/cards/sales/latest', %reader)};
is_deeply [@$record{qw(kind report_id card_id)}], [qw(table sales latest)], 'table: kind and ids';
is_deeply $record->{data}{rows}, [(reverse @rows)[0 .. 49]], 'table: the last 50 orders';
($record) = @{records('/api/cards/sales/summary')};
is $record->{kind}, 'markdown', 'markdown: kind';
my ($best) = sort { $day{$b} <=> $day{$a} || $a cmp $b } keys %day;
is $record->{data}{content}, '## ' . @rows . " orders\n\nThe best day was **$best**.", 'markdown: the text';
($record) = @{records('/api/cards/operations/services')};
is_deeply [map { $_->{service} } @{$record->{data}{rows}}], [qw(checkout mail search)], 'the app\'s own figures';
is $record->{data}{rows}[1]{latency_ms}, undef, 'with what it does not know';
my $csv = $t->get('/api/cards/sales/daily?format=csv', %user);
like $csv->{body}, qr/^date,revenue,orders\r?\n2025-01-01,/, 'other formats have no envelope';
like $t->get('/api/cards/sales/daily', %user)->{header}{'cache-control'}, qr/max-age=600/, 'the time to live of cached_card(ttl=600)';

# --- tokens ---
my $refused = $t->get('/api/cards/sales/daily');
is $refused->{status}, 401, 'no token: 401';
like $refused->{header}{'www-authenticate'}, qr/^Bearer realm="gatehouse"$/, 'no token: no error';
for my $case (['Token expired', hs256({user_id => 'u', exp => time - 600}, $secret)],
    ['Invalid token', hs256({user_id => 'u', exp => time + 600}, 'x' x 32)],
    ['Invalid token', hs256({user_id => 'u', exp => time + 600}, $secret) . 'abc']) {
    my $response = $t->get('/api/cards/sales/daily', Authorization => "Bearer $case->[1]");
    is $response->{status}, 401, "$case->[0]: 401";
    like decode_json($response->{body})->{detail}, qr/^\Q$case->[0]\E/, "$case->[0]: in these words";
}
my $scope = $t->get('/api/cards/sales/latest', %user);
is $scope->{status}, 403, 'without the scope "read": 403';
like $scope->{header}{'www-authenticate'}, qr/insufficient_scope/, 'and why';

# --- what the app keeps ---
my $placed = $t->http->request({method => 'POST', path => '/api/orders', headers => {%user, 'X-Forwarded-User' => 'admin', 'Content-Type' => 'application/json'}, body => '{}'});
is $placed->{status}, 201, 'an order is placed with the app';
is decode_json($placed->{body})->{user}, 'u-7', 'as whom the token says, whatever the client does';
my $plain = decode_json($t->get('/api/other', %user)->{body});
ok !defined $plain->{connection} || $plain->{connection} !~ /upgrade|close/i, 'no upgrade for those who do not ask';
is decode_json($t->get('/api/live/feed', %user, Upgrade => 'websocket', Connection => 'upgrade')->{body})->{connection}, 'upgrade', 'an upgrade for those who do';

# --- CORS and header fields, on every answer ---
my $preflight = $t->http->request({method => 'OPTIONS', path => '/api/orders', headers => {Origin => $origin,
    'Access-Control-Request-Method' => 'PUT', 'Access-Control-Request-Headers' => 'authorization, x-request-id'}});
is $preflight->{status}, 204, 'preflight: without a token';
is $preflight->{header}{'access-control-allow-origin'}, $origin, 'preflight: the origin';
is $preflight->{header}{'access-control-allow-credentials'}, 'true', 'preflight: credentials';
is $preflight->{header}{'access-control-max-age'}, 600, 'preflight: for 600 seconds';
unlike $preflight->{header}{'access-control-allow-headers'}, qr/\*/, 'preflight: names of headers, no *';
my $stranger = $t->http->request({method => 'OPTIONS', path => '/api/orders', headers => {Origin => 'https://evil.example', 'Access-Control-Request-Method' => 'PUT'}});
ok !exists $stranger->{header}{'access-control-allow-origin'}, 'preflight: nothing for others';
for my $case (['a card', '/api/cards/sales/daily', %user], ['the app', '/api/other', %user], ['401', '/api/other']) {
    my ($what, $path, %fields) = @$case;
    my $headers = $t->get($path, %fields, Origin => $origin)->{header};
    is $headers->{'access-control-allow-origin'}, $origin, "$what: one origin, whatever the app says";
    is $headers->{'x-frame-options'}, 'DENY', "$what: X-Frame-Options";
    is $headers->{'x-content-type-options'}, 'nosniff', "$what: X-Content-Type-Options";
    ok !exists $headers->{'x-powered-by'}, "$what: no X-Powered-By";
}

# --- limits and caps ---
# How many of $n requests, one after another, were let in, and how many at most could have been.
sub let_in ($path, $n, $burst, $rate) {
    $t->ctl('limit', 'reset', $_, '--all') for qw(api live);
    my $start = now();
    my $count = grep { $t->get($path, %user)->{status} == 200 } 1 .. $n;
    return ($count, 1 + $burst + $rate * (now() - $start));
}
my ($count_in, $most) = let_in('/api/cards/sales/total', 60, 20, 10);
cmp_ok $count_in, '>=', 21, 'API: one and a burst of 20 at once';
cmp_ok $count_in, '<=', $most, 'API: then ten a second';
my $limited = (grep { $_->{status} == 429 } map { $t->get('/api/cards/sales/total', %user) } 1 .. 40)[0];
ok $limited && $limited->{header}{'retry-after'} >= 1, 'API: 429 with Retry-After';
like $limited->{header}{'content-type'}, qr{^application/problem\+json}, 'API: a problem';
is $limited->{header}{'x-frame-options'}, 'DENY', 'API: with the header fields of all answers';
($count_in, $most) = let_in('/api/live/poll', 40, 10, 5);
cmp_ok $count_in, '>=', 11, 'live: one and a burst of 10 at once';
cmp_ok $count_in, '<=', $most, 'live: then five a second';

my @client = map { Gatehouse::Http->new(port => $t->port) } 1 .. 25;
for my $client (@client) {
    $client->connect;
    $client->send("GET /slow?2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
}
my %status;
$status{$_->read_response->{status}}++ for @client;
is_deeply \%status, {200 => 20, 429 => 5}, 'twenty at once, whatever the path';
is $t->get('/pages')->{status}, 200, 'and all are given back';

# --- health, as the FastAPI application tells it ---
sub health ($path) {
    my $response = $t->get($path);
    return ($response->{status}, decode_json($response->{body}));
}
sub health_with ($status, $condition, $what) {
    my ($got, $body);
    my $ok = eval { wait_for(sub { ($got, $body) = health('/health/detailed'); $got == $status && $condition->($body) }, 20, $what) };
    ok($ok, "$what: $status") or diag explain [$got, $body];
    return $body;
}
sub well ($body) { return ($body->{status} // '') eq 'healthy' }
my ($status, $body) = health('/health');
is_deeply [$status, $body->{status}, [sort keys %$body]], [200, 'healthy', [qw(status timestamp)]], 'health: it is there';
ok abs($body->{timestamp} - time) < 10, 'health: the time in seconds';
SKIP: {
    skip 'no PostgreSQL', 1 if !$pg;
    my %good = map { $_ => {status => 'healthy'} } qw(database redis app);
    $body = health_with(200, \&well, 'all is well');
    is_deeply $body->{checks}, \%good, 'detailed: each check';
    my $stranger = Gatehouse::Http->new(port => $t->port, socket => IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port, LocalAddr => '127.0.0.2'));
    is_deeply [sort keys %{decode_json($stranger->get('/health/detailed')->{body})}], [qw(status timestamp)], 'detailed: not for strangers';

    $redis->stop;
    $body = health_with(503, sub ($told) { ($told->{detail}{status} // '') eq 'degraded' }, 'without Redis: degraded');
    is_deeply $body->{detail}{checks}{database}, {status => 'healthy'}, 'the database is well';
    like $body->{detail}{checks}{redis}{error}, qr/connect/, 'Redis says why not';
    is((health('/health/ready'))[0], 200, 'still ready');
    $redis = Gatehouse::Redis->start($t->port(2));
    health_with(200, \&well, 'Redis is back');

    my @postgres = ($pg->{process}->pid, Gatehouse::Process::children($pg->{process}->pid));
    kill 'STOP', @postgres;
    $body = health_with(503, sub ($told) { ($told->{detail}{status} // '') eq 'unhealthy' }, 'the database does not answer: unhealthy');
    is_deeply $body->{detail}{checks}{database}, {status => 'timeout'}, 'it is a timeout';
    is((health("/health$_->[0]"))[0], $_->[1], "health$_->[0]: $_->[1]") for ['', 200], ['/ready', 503];
    kill 'CONT', @postgres;
    health_with(200, \&well, 'the database is back');

    $app->stop('KILL');
    $body = health_with(503, sub ($told) { ($told->{detail}{status} // '') eq 'unhealthy' }, 'without the app: unhealthy');
    is $body->{detail}{checks}{app}{status}, 'unhealthy', 'it is the app';
    $pg->stop;
}
$t->done;
