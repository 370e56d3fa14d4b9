#!/usr/bin/perl
# The forms of health end to end: checks of the sidecar, told by nginx in the words and shapes of five applications.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Http;
use Gatehouse::JsonApp;
use JSON::PP qw(decode_json);
use Test::More;
use Time::Local qw(timegm);

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my ($true, $false) = (JSON::PP::true, JSON::PP::false);
my $app = Gatehouse::JsonApp->start($t->port(1), $t->dir('app'));
$app->serve(database => '{"status":"healthy"}');
$app->serve(redis => '{"status":"healthy"}');
mkdir $t->dir('data');
mkdir $t->dir('caches');
$t->write_file('caches/equipment', 'x' x 1024);
$t->write_file('rows.csv', join "\n", 'n', 1 .. 150, '');

sub http ($name, %more) { return {kind => 'http', url => $app->url($name), allow_private => $true, interval => '1s', timeout => '1s', %more} }
$t->sidecar_config({
    sources => {rows => {kind => 'csv', path => $t->dir('rows.csv'), cache => $true}},
    caches => {directory => $t->dir('kept')},
    cards => {rows => {path => '/rows', sql => 'select * from rows'}},
    checks => {
        database => http('database', severity => 'critical'),
        redis => http('redis'),
        cpu => {kind => 'cpu', severity => 'info', interval => '1s'}, memory => {kind => 'memory', severity => 'info'}, disk => {kind => 'disk', severity => 'info'},
        rows => {kind => 'card', card => 'rows', severity => 'info', interval => '1s'},
        data => {kind => 'directory', path => $t->dir('data'), interval => '1s'},
        cache_directory => {kind => 'directory', path => $t->dir('caches')},
        equipment => {kind => 'file', path => $t->dir('caches/equipment'), severity => 'info'},
        kept => {kind => 'cache', source => 'rows', severity => 'info', interval => '1s'},
        bases => {kind => 'file', path => $t->dir('caches/bases'), severity => 'info'},
    },
    health => {
        app_version => '1.0.0', down_after => '5s',
        profiles => {mine => {words => {up => 'ok'}, answers => {status => {body => {health => '$status'}}}}},
    },
});
$t->start_sidecar;
my @shipped = qw(none flask dash django cereon visualizer health+json);
my @locations = map { my ($question, $profile) = @$_; "location = /$profile/$question { gate_health " . ($question eq 'guarded' ? 'detailed details=0' : $question) . ($profile eq 'none' ? '' : " profile=$profile") . '; }' }
    map { my $profile = $_; map { [$_, $profile] } qw(live ready status detailed extended guarded) } @shipped, 'mine';
$t->nginx_conf(join("\n", 'gate_link %%LINK%%; gate_link_timeout 2s; gate_board_file %%BOARD%%; server { listen 127.0.0.1:%%PORT%%;', @locations, '}'));
$t->start_nginx;
my $http = Gatehouse::Http->new(port => $t->port);

sub told ($path) {
    my $response = $http->get($path);
    return ($response->{status}, eval { decode_json($response->{body}) } // $response->{body}, $response);
}
sub becomes ($path, $condition, $what) {
    my $ok = eval { wait_for(sub { my (undef, $body) = told($path); ref $body && $condition->($body) }, 15, $what) };
    return ok($ok, $what) || diag(explain((told($path))[1]));
}
sub keys_of ($hash) { return [sort keys %$hash] }
# Without details: how things are, in the form and with the code of status, and nothing that a check is called or says.
sub tells_no_details ($what) {
    for my $profile (@shipped) {
        my ($status, $body, $response) = told("/$profile/guarded");
        my ($status_of_status, $told) = told("/$profile/status");
        is_deeply [$status, keys_of($body), $body->{status}], [$status_of_status, keys_of($told), $told->{status}], "$profile without details: as status, $what";
        unlike $response->{body}, qr/answered|database|redis|equipment|bases|kept|127\.0\.0\.1|timeout|not run/, 'and no more';
    }
}

# --- all is well ---
becomes('/none/status', sub ($body) { $body->{status} eq 'up' }, 'up when all checks have run');
becomes('/dash/status', sub ($body) { $body->{cache}{kept}{exists} && $body->{cache}{kept}{size_bytes} > 0 }, 'the cache of a source is seen');
is_deeply [sort keys %{(told('/dash/status'))[1]{cache}}], [qw(bases equipment kept)], 'dash: caches and files';
becomes('/none/extended', sub ($body) { ($body->{data_metrics}{rows} // 0) == 150 && defined $body->{metrics}{cpu_percent} }, 'the card is seen');
my ($status, $body) = told('/flask/status');
is $status, 200, 'flask: 200';
is_deeply keys_of($body), [qw(status timestamp version)], 'flask: its members';
is "$body->{status} $body->{version}", 'healthy 1.0.0', 'flask: healthy';
like $body->{timestamp}, qr/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/, 'flask: a time as isoformat() has it';
(undef, $body) = told('/flask/extended');
is_deeply keys_of($body), [qw(app_metrics data_metrics metrics status timestamp version)], 'flask extended: its members';
is_deeply keys_of($body->{metrics}), [qw(cpu_percent disk_percent memory_percent)], 'flask extended: metrics';
ok $body->{metrics}{memory_percent} > 0 && $body->{metrics}{memory_percent} < 100, 'flask extended: a percentage';
is_deeply keys_of($body->{app_metrics}), [qw(error_count request_count uptime_seconds)], 'flask extended: app_metrics';
is $body->{data_metrics}{timesteps}, 150, 'flask extended: rows of the card';
($status, $body) = told('/dash/status');
is $status, 200, 'dash: 200';
delete $body->{cache}{kept};
is_deeply $body->{cache}, {equipment => {exists => $true, size_bytes => 1024}, bases => {exists => $false, size_bytes => 0}}, 'dash: each cache';
is_deeply [@$body{qw(cache_directory data_available all_caches_warm)}], [$true, $true, $false], 'dash: what is there, and not all caches';
ok $body->{uptime_seconds} > 0 && $body->{uptime_seconds} < 600, 'dash: uptime';
(undef, $body) = told('/cereon/detailed');
is_deeply $body->{checks}{database}, {status => 'healthy'}, 'cereon: a check';
ok abs($body->{timestamp} - time) < 5, 'cereon: the time in seconds';
(undef, $body) = told('/visualizer/ready');
is $body->{status}, 'ready', 'visualizer: ready';
is $body->{checks}{redis}, $true, 'visualizer: a check is a boolean';
(undef, $body, my $response) = told('/health+json/detailed');
is $response->{header}{'content-type'}, 'application/health+json', 'health+json: its type';
# draft-inadarei-api-health-check-06, sections 4.2 to 4.8
sub component ($body, $check) {
    my ($one, @more) = @{$body->{checks}{"$check:responseTime"}};
    is_deeply \@more, [], "health+json: $check: one component";
    my ($value, $time) = delete @$one{qw(observedValue time)};
    ok $value > 0 && $value < 1000, 'its observedValue: a latency' or diag $value;
    my $at = $time =~ /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{3}Z$/ && timegm($6, $5, $4, $3, $2 - 1, $1);
    ok $at && abs(time - $at) < 120, 'its time: that of the last run' or diag $time;
    return $one;
}
is_deeply keys_of($body), [qw(checks status version)], 'health+json: its members';
is_deeply component($body, 'database'), {componentType => 'http', observedUnit => 'ms', status => 'pass'}, 'what passes has no output';
(undef, $body) = told('/mine/detailed');
is_deeply $body, {health => 'ok'}, 'a profile of the configuration';

tells_no_details('up');

# --- the cache of Redis is away: degraded ---
$app->raw(redis => "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
becomes('/none/status', sub ($body) { $body->{status} eq 'degraded' }, 'degraded');
is((told('/none/ready'))[0], 200, 'degraded is ready');
($status, $body) = told('/flask/status');
is_deeply [$status, $body->{status}, $body->{message}], [200, 'warning', 'redis: it answered 500'], 'flask: a warning is 200';
($status, $body) = told('/flask/extended');
is_deeply [$status, keys_of($body)], [200, [qw(app_metrics data_metrics message metrics status timestamp version)]], 'flask extended: a warning has all figures';
is_deeply [@$body{qw(status message)}], ['warning', 'redis: it answered 500'], 'and says why it is one';
is $body->{data_metrics}{timesteps}, 150, 'rows of the card, too';
ok $body->{metrics}{memory_percent} > 0, 'and of the machine';
($status, $body) = told('/cereon/detailed');
is_deeply [$status, $body->{detail}{status}, $body->{detail}{checks}{redis}], [503, 'degraded', {status => 'unhealthy', error => 'it answered 500'}], 'cereon: degraded is 503 with its detail';
is((told('/visualizer/ready'))[0], 503, 'visualizer: not ready');
(undef, $body) = told('/health+json/detailed');
is $body->{status}, 'warn', 'health+json: warn';
is_deeply component($body, 'redis'), {componentType => 'http', observedUnit => 'ms', status => 'fail', output => 'it answered 500'}, 'what fails says why';
is_deeply component($body, 'database'), {componentType => 'http', observedUnit => 'ms', status => 'pass'}, 'and nothing else does';
is((told('/dash/status'))[0], 503, 'dash: 503');

tells_no_details('degraded');

# --- the database takes too long: down ---
$app->raw(database => "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nx", 'trickle');
becomes('/none/status', sub ($body) { $body->{status} eq 'down' }, 'down');
is((told('/none/ready'))[0], 503, 'not ready');
is((told('/none/live'))[0], 200, 'but live');
is((told("/flask/$_"))[0], 500, "flask $_: 500") for qw(status extended);
(undef, $body) = told('/cereon/detailed');
is_deeply $body->{detail}{checks}{database}, {status => 'timeout'}, 'cereon: a timeout';
(undef, $body) = told('/health+json/detailed');
my ($late) = map { $_->{observedValue} } @{$body->{checks}{'database:responseTime'}};
ok $late >= 900 && $late < 4000, 'health+json: a timeout of a second in milliseconds' or diag $late;
(undef, $body) = told('/health+json/status');
is $body->{status}, 'fail', 'health+json: fail';
like $body->{output}, qr/^database: /, 'and why';

tells_no_details('down');

# --- the sidecar is killed ---
$app->serve($_ => '{"status":"healthy"}') for qw(database redis);
becomes('/none/status', sub ($body) { $body->{status} eq 'up' }, 'up again');
$t->{sidecar}->signal('KILL');
$t->{sidecar}->wait;
becomes('/none/status', sub ($body) { $body->{status} eq 'degraded' && $body->{message} =~ /away/ }, 'without the sidecar nginx is degraded');
# All within the time in which it is merely away.
my $merely_away = sub {
    my @told = map { [(told($_))[0, 1]] } '/none/status', qw(/dash/status /visualizer/ready /cereon/ready /cereon/detailed /none/status);
    return $told[0][1]{status} eq 'degraded' && $told[-1][1]{status} eq 'degraded' && \@told;
};
my (undef, $dash, $visualizer, $cereon, $detailed) = @{wait_for($merely_away, 15)};
is_deeply [$dash->[0], @{$dash->[1]}{qw(status cache_directory data_available all_caches_warm)}], [200, 'degraded', undef, undef, undef],
    'dash: nothing is known to be missing, or to be there';
is_deeply $dash->[1]{cache}{equipment}, {exists => undef, size_bytes => undef}, 'dash: nor of a cache';
is_deeply [$visualizer->[0], $visualizer->[1]{status}, @{$visualizer->[1]{checks}}{qw(redis database)}], [200, 'ready', undef, undef], 'visualizer: ready, as far as is known';
is $cereon->[0], 200, 'cereon: ready, too';
is_deeply [$detailed->[0], $detailed->[1]{detail}{checks}{redis}], [503, {status => 'unknown', error => 'the sidecar is away'}], 'cereon: any doubt is 503, with its detail';
becomes('/flask/status', sub ($body) { $body->{status} eq 'unhealthy' }, 'and down by its policy, in the words of the profile');
is((told('/none/ready'))[0], 503, 'then it is not ready');
is((told($_))[0], 503, "$_: nor as others tell it") for qw(/dash/status /visualizer/ready /cereon/ready);
is((told('/cereon/live'))[0], 200, 'but live');
tells_no_details('away');
$t->start_sidecar;
becomes('/none/status', sub ($body) { $body->{status} eq 'up' }, 'and up with it');
is((told('/mine/status'))[1]{health}, 'ok', 'in all forms');
$t->stop_nginx;
$t->stop_sidecar;
done_testing;
