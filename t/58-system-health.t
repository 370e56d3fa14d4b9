#!/usr/bin/perl
# The deployment of conf/examples/system-health: what it says of a Django application, to whom, and who was there.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Audit qw(decisions);
use Gatehouse::Documents qw(blocks);
use Gatehouse::Example;
use Gatehouse::Metrics qw(samples);
use Gatehouse::Postgres;
use Gatehouse::Redis;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 5, workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my $dashboard = '/core/dashboard/health';

# --- the example as it stands; checks every second instead of every 60 and 10, no alarm about this machine ---
my $example = Gatehouse::Example->new($t, 'system-health', {8080 => $t->port, 8000 => $t->port(1), 6379 => $t->port(2), 8443 => $t->port(3), 9000 => $t->port(4)});
@ENV{qw(HEALTH_SERVICE_CACHE_TIMEOUT HEALTH_SERVICE_CRITICAL_CACHE_TIMEOUT APP_VERSION ALERT_PATIENCE ALERT_SECRET)} = (1, 1, '2.1.0', 2, 'sesame');
$example->write('gatehouse.json', sub ($text) { $text =~ s/"warn": \d+, "fail": 95/"warn": 100, "fail": 100/gr =~ s/"every": "1m"/"every": "1s"/r });
$example->write('nginx.conf');
mkdir $t->dir('www');
$example->write("www/$_") for qw(index.html app.js chart.js style.css icon.svg);
my $redis = Gatehouse::Redis->start($t->port(2));
my $receiver = $t->spawn(name => 'receiver.py', log => 'receiver.log',
    command => ['python3', $example->source('receiver.py'), $t->port(4), 'sesame', $t->dir('told.jsonl')]);
wait_for(sub { Gatehouse::Nginx::accepts($t->port(4)) }, 20, 'the receiver');
# Whether somebody was told of this rule, by a message that is signed; the alert then.
sub told ($rule, $status) {
    my @alerts = map { @{decode_json($_)->{alerts} // []} } split /\n/, read_file($t->dir('told.jsonl')) // '';
    return (grep { $_->{rule} eq $rule && $_->{status} eq $status } @alerts)[0];
}
sub is_told ($rule, $status, $severity) {
    my $alert = eval { wait_for(sub { told($rule, $status) }, 20, $rule) };
    return is $alert->{severity}, $severity, "$rule: $status is told" || diag read_file($t->dir('told.jsonl'));
}
my $app;
sub start_app () {
    $app = $t->spawn(name => 'app.py', log => 'app.log',
        command => ['python3', $example->source('app.py'), $t->port(1), $t->dir('data/db.sqlite3'), $t->dir('run/django.pid')]);
    wait_for(sub { -s $t->dir('run/django.pid') && Gatehouse::Nginx::accepts($t->port(1)) }, 20, 'the app');
    return;
}
start_app();

# --- its settings are the guide's unless the environment says otherwise ---
{
    local @ENV{qw(HEALTH_SERVICE_CACHE_TIMEOUT HEALTH_SERVICE_CRITICAL_CACHE_TIMEOUT HEALTH_SERVICE_MAX_WORKERS HEALTH_METRICS_RETENTION_DAYS)};
    my $effective = decode_json(($t->run_sidecar('-T'))[1]);
    is_deeply [map { $effective->{checks}{$_}{interval} } qw(redis database)], ['1m', '10s'], 'results are kept 60 s, critical ones 10 s';
    is $effective->{health}{workers}, 4, 'four at once';
    like $effective->{history}{keep}, qr/^(?:7d|1w)$/, 'kept for 7 days';
}

$t->start_sidecar;
my ($valid, $said) = $t->nginx_test;
is $valid, 0, 'nginx -t' or diag $said;
unlike $said, qr/\[warn\]/, 'without a warning';
$t->start_nginx;
$t->wait_in_step;

sub answer ($path, %fields) {
    my $response = $t->get($path, %fields);
    return ($response->{status}, eval { decode_json($response->{body}) } // {}, $response);
}
sub becomes ($status, $code, $what) {
    my $last;
    my $ok = eval { wait_for(sub { my ($got, $body) = answer('/health/status'); $last = $body; $got == $code && $body->{status} eq $status }, 20, $what) };
    return ok($ok, "$what: $status, $code") || diag(explain([$last, (answer('/health/detailed'))[1]]));
}
sub component ($name) { return (answer('/health/detailed'))[1]{components}{$name} }

# --- all is well ---
becomes('healthy', 200, 'all checks have passed');
my ($code, $body, $response) = answer('/health/status');
is_deeply [sort keys %$body], [qw(status timestamp)], 'status: its members';
like $body->{timestamp}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/, 'status: when';
is $response->{header}{'cache-control'}, 'no-store', 'status: not to be kept';
is((answer("/health/$_"))[0], 200, "$_: 200") for qw(live ready);
(undef, $body) = answer('/health/detailed');
is_deeply [sort keys %{$body->{components}}], [qw(app cpu database disk edge memory process redis sessions)], 'detailed: the components';
is_deeply [sort keys %{$body->{components}{redis}}], [qw(last_checked message response_time_ms status unit value)], 'detailed: of each';
is_deeply [@{$body->{components}{disk}}{qw(status unit)}], [qw(healthy percent)], 'detailed: a measurement';
(undef, $body) = answer('/health/extended');
is_deeply [@$body{qw(status version)}], ['healthy', '2.1.0'], 'extended: status and version';
cmp_ok $body->{traffic}{request_count}, '>=', 5, 'extended: what nginx has counted';

# --- who may see what: an administrator's machine, a stranger, a token ---
my $stranger = '127.0.0.2';
sub as ($address, $path, @token) { return $example->from($address)->get($path, map { ('X-API-Token' => $_) } @token) }
is_deeply [sort keys %{decode_json(as($stranger, '/health/detailed')->{body})}], [qw(status timestamp)], 'a stranger learns one word';
is as($stranger, '/metrics')->{status}, 403, 'and no metrics';
my ($exit, $token, $err) = $t->ctl(qw(token create reader --user ada --scope health:read));
is $exit, 0, 'a token' or diag $err;
my (undef, $other) = $t->ctl(qw(token create other --user bob --scope boards:read));
chomp($token, $other);
for my $path ("$dashboard/", "$dashboard/app.js", "$dashboard/api/status", "$dashboard/api/sessions") {
    is $t->get($path)->{status}, 200, "$path: from an administrator's machine";
    is as($stranger, $path)->{status}, 401, "$path: not to a stranger";
    is as($stranger, $path, $token)->{status}, 200, "$path: with a token";
}
is as($stranger, "$dashboard/", $other)->{status}, 403, 'a token without the scope';
is_deeply decode_json($t->get("$dashboard/api/sessions")->{body}), {kept => 4, active => 3}, 'a card of the application\'s database';

# --- header fields, on the page, on refusals, on the application's own answers ---
for my $case (['the page', $t->get("$dashboard/"), 'strict'], ['401', as($stranger, "$dashboard/"), 'strict'], ['404', $t->get("$dashboard/none"), 'strict'],
    ['the app', $t->get('/polls/'), 'dashboard'], ['health', $t->get('/health/status'), 'dashboard']) {
    my ($what, $answer, $preset) = @$case;
    my $header = $answer->{header};
    is $header->{'x-frame-options'}, 'DENY', "$what: X_FRAME_OPTIONS";
    is $header->{'x-content-type-options'}, 'nosniff', "$what: SECURE_CONTENT_TYPE_NOSNIFF";
    is $header->{'x-xss-protection'}, '1; mode=block', "$what: SECURE_BROWSER_XSS_FILTER";
    is $header->{'referrer-policy'}, 'strict-origin-when-cross-origin', "$what: SECURE_REFERRER_POLICY";
    like $header->{'content-security-policy'}, qr/script-src 'self'/, "$what: a Content-Security-Policy";
    like $header->{'content-security-policy'}, qr/frame-ancestors 'none'/, "$what: which browsers ask before X-Frame-Options" if $what ne 'health';
    $preset eq 'strict' ? unlike($header->{'content-security-policy'}, qr/unsafe-inline/, "$what: without exceptions") : pass;
}
my ($page) = map { $_->{body} } $t->get("$dashboard/");
unlike $page, qr/<script[^>]*>[^<]|style=|\bon\w+=/, 'the page has no script or style in it that the policy would stop';
my %linked = map { $_ => 1 } $page =~ /(?:src|href)="([^"#]+)"/g;
is $t->get("$dashboard/$_")->{status}, 200, "the page's $_ is there" for sort keys %linked;
my $passed = decode_json($t->get('/polls/')->{body});
like $passed->{fields}{'X-Request-Id'}, qr/^[0-9a-f]{32}$/, 'the app is told the request id';

# --- the audit log has them all ---
my @lines = decisions(wait_for_audit_of(sub (@all) { grep { ($_->{user} // '') eq 'bob' } @all }));
my ($refused) = grep { $_->{client} eq $stranger && $_->{verdict} eq 'refused' && !defined $_->{user} } @lines;  # of the workers' lines the first may be any
is_deeply [@$refused{qw(route method status reason)}], ['dashboard', 'GET', 401, 'no_credentials'], 'audit: an attempt';
my ($admitted) = grep { ($_->{user} // '') eq 'ada' } @lines;
is_deeply [@$admitted{qw(client verdict status)}], [$stranger, 'admitted', 200], 'audit: a reader, by name';
ok((grep { $_->{client} eq '127.0.0.1' && $_->{verdict} eq 'admitted' } @lines), 'audit: an administrator\'s machine');
my ($scope) = grep { ($_->{user} // '') eq 'bob' } @lines;
is_deeply [@$scope{qw(status reason rule)}], [403, 'insufficient_scope', 'scope:health:read'], 'audit: a token that is not enough';
my ($verified, $out) = $t->ctl('-c', $t->dir('gatehouse.json'), 'audit', 'verify');
is $verified, 0, 'audit: nothing was changed' or diag $out;
sub wait_for_audit_of ($condition) {
    my @all;
    wait_for(sub {
        @all = map { eval { decode_json($_) } // {} } split /\n/, read_file($t->dir('logs/audit.log')) // '';
        return $condition->(@all);
    }, 20, 'the audit log');
    return @all;
}

# --- rate limits ---
like $t->get("$dashboard/")->{header}{'ratelimit-policy'}, qr{"120/minute";q=120;w=60}, 'the dashboard: 120 a minute';
my $let_in = 0;
++$let_in while $let_in < 600 && as('127.0.0.3', "$dashboard/api/sessions", $token)->{status} == 200;
ok $let_in >= 120 && $let_in < 600, "then 429, after $let_in";
is $t->get("$dashboard/")->{status}, 200, 'of one client, not of others';
my $tried = 0;
++$tried while $tried < 100 && as('127.0.0.4', "$dashboard/", 'wrong' x 8)->{status} == 401;
ok $tried >= 10 && $tried < 100, "wrong tokens: $tried, then 429";
is as('127.0.0.4', "$dashboard/", $token)->{status}, 429, 'who has guessed waits, with a good one too';

# --- Redis is away: a warning ---
$redis->stop;
becomes('warning', 200, 'without Redis');
is component('redis')->{status}, 'critical', 'Redis itself is critical';
like component('redis')->{message}, qr/connect/, 'and says why';
is((answer('/health/ready'))[0], 200, 'still ready');
is_told('redis-away', 'firing', 'warning');
$redis = Gatehouse::Redis->start($t->port(2));
becomes('healthy', 200, 'Redis is back');
is_told('redis-away', 'resolved', 'warning');

# --- the application is away: critical, by its cause ---
$app->stop('KILL');
becomes('critical', 503, 'without the application');
ok eval { wait_for(sub { component('process')->{status} eq 'critical' && component('app')->{status} ne 'critical' }, 20, 'process') },
    'what is named is the process, not what follows from it' or diag explain [map { component($_) } qw(process app)];
is((answer("/health/$_->[0]"))[0], $_->[1], "$_->[0]: $_->[1]") for ['live', 200], ['ready', 503], ['detailed', 503];
is((answer('/health/live'))[1]{status}, 'healthy', 'live, in words too');
is $t->get("$dashboard/")->{status}, 200, 'the dashboard is there';
is $t->get('/polls/')->{status}, 502, 'the application is not';
is((answer("$dashboard/api/status"))[1]{status}, 'critical', 'as the page says');
is_told('process-down', 'firing', 'critical');
start_app();
becomes('healthy', 200, 'the application is back');

# --- its database is away ---
rename $t->dir('data'), $t->dir('data.away') or die $!;
becomes('critical', 503, 'without the database');
is component('database')->{status}, 'critical', 'it is named';
is_told('database-down', 'firing', 'critical');
rename $t->dir('data.away'), $t->dir('data') or die $!;
becomes('healthy', 200, 'the database is back');

# --- what was: incidents at once, steps when they are finished ---
# Asks again and again, each time as another client, whose limit is not used up.
sub rows ($card, $condition, $timeout) {
    my ($rows, $asked) = ([], 0);
    wait_for(sub {
        my $answer = as('127.1.' . int(++$asked / 250) . '.' . (1 + $asked % 250), "$dashboard/api/$card", $token);
        $rows = decode_json($answer->{body}) if $answer->{status} == 200;
        return $condition->(@$rows);
    }, $timeout, $card);
    return @$rows;
}
my %was = map { $_->{metric} => $_->{status} } rows('incidents', sub (@rows) { my %seen = map { $_->{metric} => 1 } @rows; return 3 == grep { $seen{$_} } qw(redis process database) }, 30);
is_deeply [@was{qw(redis process database)}], [('down') x 3], 'history: what was not well';
my ($second) = rows('traffic/hour', sub (@rows) { @rows }, 40);
is_deeply [sort keys %$second], [qw(errors p50 p95 p99 per_second time)], 'history: traffic, for a chart';
my ($disk) = grep { $_->{metric} eq 'disk' } rows('checks/hour', sub (@rows) { grep { $_->{metric} eq 'disk' } @rows }, 60);
is_deeply [sort keys %$disk], [qw(availability duration metric time value)], 'history: a check, for a chart';
cmp_ok $disk->{value}, '>', 0, 'history: what it measured';

# --- metrics ---
my $metrics = samples($t->get('/metrics')->{body});
is $metrics->{'gatehouse_health_status{state="up"}'}, 1, 'metrics: the whole';
is $metrics->{'gatehouse_health_check_up{check="redis"}'}, 1, 'metrics: a check';

# --- the monitor itself is away: its heartbeat ends ---
sub beats () { return scalar(() = (read_file($t->dir('told.jsonl')) // '') =~ m{"heartbeat": "/heartbeat"}g) }
my $beats = beats();
ok eval { wait_for(sub { beats() > $beats + 1 }, 20, 'heartbeats') }, 'a heartbeat goes on';
$t->kill_sidecar;
becomes('warning', 200, 'without the sidecar');
is((answer("/health/$_"))[0], 200, "$_: 200") for qw(live ready);
is $t->get($_)->{status}, 200, "$_ is served" for "$dashboard/", "$dashboard/api/sessions", '/polls/';
is as($stranger, "$dashboard/", $token)->{status}, 200, 'a token is known';
$t->start_sidecar;
becomes('healthy', 200, 'the sidecar is back');

# --- tls.conf ---
mkdir $t->dir('certs');
my ($made) = $t->run_program(['openssl', qw(req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=health.example.com),
    '-keyout', $t->dir('certs/health.key'), '-out', $t->dir('certs/health.crt')]);
is $made, 0, 'a certificate';
$example->write('tls.conf');
$example->write('nginx.conf', sub ($text) { $text =~ s/# (include tls\.conf;)/$1/r });
$t->reload_nginx;
my $moved = $t->get('/polls/?page=2', Host => 'health.example.com');
is_deeply [$moved->{status}, $moved->{header}{location}], [308, 'https://health.example.com/polls/?page=2'], 'SECURE_SSL_REDIRECT';
my (undef, $head) = $t->run_program(['curl', '-sik', 'https://127.0.0.1:' . $t->port(3) . '/polls/']);
like $head, qr/^HTTP\/\S+ 200/, 'over TLS';
like $head, qr/^strict-transport-security: max-age=\d+/mi, 'with Strict-Transport-Security';
like $head, qr/^set-cookie: sessionid=[^\r]*; secure/mi, 'SESSION_COOKIE_SECURE';
like $head, qr/"X-Forwarded-Proto": "https"/, 'and the app is told';

# --- with PostgreSQL, as README.md has it ---
SKIP: {
    skip 'no PostgreSQL', 1 if !Gatehouse::Postgres->available;
    my $other = Gatehouse->new;
    my $pg = Gatehouse::Postgres->new($other);
    $pg->start;
    $pg->sql("create table django_session (session_key varchar(40) primary key, expire_date timestamptz not null)");
    $pg->sql("insert into django_session values ('old', now() - interval '1 day'), ('new', now() + interval '1 day')");
    local $ENV{DATABASE_URL} = $pg->url;
    my ($block) = grep { $_->{info} eq 'json config' && $_->{text} =~ /postgres/ } blocks($example->source('README.md'));
    $other->sidecar_config(decode_json($block->{text}));
    $other->start_sidecar;
    ok eval { wait_for(sub { $other->ctl_json('health')->{state} eq 'up' }, 60, 'up') }, 'PostgreSQL: the database is up' or diag(($other->ctl('health'))[1]);
    ok eval { wait_for(sub { ($other->ctl(qw(card export sessions)))[1] eq '{"kept":2,"active":1}' }, 20, 'sessions') }, 'PostgreSQL: the card' or diag(($other->ctl(qw(card export sessions)))[1]);
    $other->finish;
}
$t->done;
