#!/usr/bin/perl
# Checks of every kind: what makes each up, degraded and down, what it says, and what that makes of the whole.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::JsonApp;
use JSON::PP qw(decode_json encode_json);
use POSIX ();
use Test::More;

my $t = Gatehouse->new(ports => 3);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
my $app = Gatehouse::JsonApp->start($t->port(1), $t->dir('app'));
my ($true, $false) = (JSON::PP::true, JSON::PP::false);

$app->serve(good => '{"status":"ok","database":{"state":"healthy","lag":0}}');
$app->serve(sends => '{"status":"ok"}');
$app->serve(sick => '{"status":"fail"}');
$app->serve(poor => '{"status":"degraded"}');
$app->serve(loud => '{"status":"DOWN"}');
$app->serve(capital => '{"status":"Degraded"}');
$app->raw(broken => "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
$app->raw(moved => "HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n");
$app->raw(liar => "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5\r\n\r\n{\"a\":");
$app->raw(flood => "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", 'flood');
$app->raw(trickle => "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nx", 'trickle');

mkdir $t->dir('data');
$t->write_file("data/$_", "a,b\n1,2\n") for qw(stats.csv events.csv);
$t->write_file('old', 'x');
utime 1, 1, $t->dir('old');
$t->write_file('pid', "$$\n");
$t->write_file('gone.pid', "4194304\n");
POSIX::mkfifo($t->dir('fifo'), 0600) or die "mkfifo: $!";
$t->write_file('rows.csv', "n\n1\n2\n3\n");
chmod 0755, $t->write_file($_->[0], "#!/bin/sh\necho '$_->[1]'\nexit $_->[2]\n") for ['ok.sh', 'fine', 0], ['warn.sh', 'half full', 1], ['bad.sh', 'all full', 2];
chmod 0755, $t->write_file('hang.sh', "#!/bin/sh\nexec tail -f /dev/null\n");
chmod 0755, $t->write_file('environment.sh', "#!/bin/sh\ntest \"\$(env | grep -cv '^\\(PATH\\|PWD\\|_\\|SHLVL\\)=')\" = 0\n");

# Name, configuration, state, message.
my @checks;
sub expect ($name, $check, $state, $message = qr/^$/) {
    push @checks, [$name, $check, $state, $message];
    return;
}
sub http ($name, %more) { return {kind => 'http', url => $app->url($name), allow_private => $true, timeout => '1s', %more} }
expect(http_good => http('good'), 'up');
expect(http_json => http('good', json => {'/database/state' => 'healthy', '/database/lag' => 0}), 'up');
expect(http_json_other => http('good', json => {'/database/state' => 'fine'}), 'down', qr/has "healthy" at "\/database\/state", not "fine"/);
expect(http_json_absent => http('good', json => {'/nothing' => $true}), 'down', qr/nothing at "\/nothing"/);
expect(http_contains => http('good', contains => 'healthy'), 'up');
expect(http_contains_not => http('good', contains => 'wealthy'), 'down', qr/does not contain "wealthy"/);
expect(http_matches => http('good', matches => '"lag":[0-9]\b'), 'up');
expect(http_matches_not => http('good', matches => '^lag'), 'down', qr/does not match/);
expect(http_field => http('good', expect_headers => {'Content-Type' => 'application/json'}), 'up');
expect(http_field_not => http('good', expect_headers => {'Content-Type' => 'text/html'}), 'down', qr/Content-Type is "application\/json", not "text\/html"/);
expect(http_sends => http('sends', headers => {'X-Probe' => 'gatehouse', 'Authorization' => 'Bearer sesame'}), 'up');
expect(http_slow => http('good', fail_after => '0s'), 'down', qr/^took \S+, more than 0s$/);
expect(http_slow_warn => http('good', warn_after => '0s', fail_after => '59s'), 'degraded', qr/^took \S+, more than 0s$/);
expect(http_fast => http('good', warn_after => '58s', fail_after => '59s'), 'up');
expect(http_sick => http('sick'), 'down', qr/says of itself: "fail"/);
expect(http_poor => http('poor'), 'degraded', qr/says of itself: "degraded"/);
expect(http_loud => http('loud'), 'down', qr/says of itself: "DOWN"/);
expect(http_capital => http('capital'), 'degraded', qr/says of itself: "Degraded"/);
expect(http_500 => http('broken'), 'down', qr/answered 500/);
expect(http_500_wanted => http('broken', status => '500-599'), 'up');
expect(http_redirect => http('moved'), 'down', qr/answered 302/);
expect(http_redirect_wanted => http('moved', status => '200-399'), 'up');
expect(http_liar => http('liar'), 'down', qr/no JSON/);
expect(http_flood => http('flood'), 'down', qr/more than 65536 bytes/);
expect(http_trickle => http('trickle'), 'down', qr/Timeout/);
expect(http_refused => http('good', url => 'http://127.0.0.1:' . $t->port(2) . '/'), 'down', qr/connect/);
expect(http_private => http('good', allow_private => $false), 'down', qr/out of bounds/);
expect("http_inward_$_->[0]" => http('good', url => $_->[1]), 'down', qr/out of bounds/) for [1, 'http://169.254.169.254/'], [2, 'http://[::ffff:169.254.169.254]/'];
expect("http_alias_$_->[0]" => http('good', allow_private => $false, url => $_->[1]), 'down', qr/out of bounds/)
    for [1, 'http://0x7f.1:' . $t->port(1) . '/good'], [2, 'http://2130706433:' . $t->port(1) . '/good'], [3, 'http://[::ffff:127.0.0.1]:' . $t->port(1) . '/good'];
expect(tcp => {kind => 'tcp', address => '127.0.0.1:' . $t->port(1), allow_private => $true}, 'up');
expect(tcp_refused => {kind => 'tcp', address => '127.0.0.1:' . $t->port(2), allow_private => $true}, 'down', qr/onnect/);
expect(tcp_private => {kind => 'tcp', address => '127.0.0.1:' . $t->port(1)}, 'down', qr/out of bounds/);
expect(file => {kind => 'file', path => $t->dir('data/stats.csv'), max_age => '1h', min_size => '8'}, 'up');
expect(file_small => {kind => 'file', path => $t->dir('data/stats.csv'), min_size => '9'}, 'down', qr/has 8, less than 9/);
expect(file_old => {kind => 'file', path => $t->dir('old'), max_age => '1h'}, 'down', qr/last changed .* ago, more than 1h/);
expect(file_none => {kind => 'file', path => $t->dir('none')}, 'down', qr/No such file/);
expect(file_directory => {kind => 'file', path => $t->dir('data')}, 'down', qr/not a regular file/);
expect(directory => {kind => 'directory', path => $t->dir('data'), files => ['stats.csv', 'events.csv']}, 'up');
expect(directory_lacking => {kind => 'directory', path => $t->dir('data'), files => ['stats.csv', 'stability.csv']}, 'down', qr/missing: stability.csv/);
expect(directory_none => {kind => 'directory', path => $t->dir('none')}, 'down', qr/No such file/);
expect(disk => {kind => 'disk', path => $t->dir(''), warn => 100, fail => 100}, 'up');
expect(disk_warn => {kind => 'disk', path => $t->dir(''), warn => 0, fail => 100}, 'degraded', qr/% of the file system/);
expect(memory => {kind => 'memory', warn => 100, fail => 100}, 'up');
expect(memory_fail => {kind => 'memory', warn => 0, fail => 0}, 'down', qr/% of the memory/);
# Of a first run: what proc(5) says of the time since the machine was started.
sub cpu_percent () {
    my (undef, @ticks) = split ' ', (split /\n/, read_file('/proc/stat'))[0];
    my $all = 0;
    $all += $_ for @ticks[0 .. 7];
    return 100 * ($all - $ticks[3] - $ticks[4]) / $all;
}
my $cpu = cpu_percent();
my ($less, $more) = ($cpu > 10 ? $cpu - 10 : 0, $cpu < 90 ? $cpu + 10 : 100);
expect(cpu => {kind => 'cpu', interval => '1h', warn => $more, fail => 100}, 'up');
expect(cpu_warn => {kind => 'cpu', interval => '1h', warn => $less, fail => $more}, 'degraded', qr/^[0-9.]+ % of the processors' time was in use$/);
expect(cpu_fail => {kind => 'cpu', interval => '1h', warn => 0, fail => $less}, 'down', qr/% of the processors' time was in use$/);
expect(process => {kind => 'process', pid_file => $t->dir('pid')}, 'up');
expect(process_gone => {kind => 'process', pid_file => $t->dir('gone.pid')}, 'down', qr/does not run/);
expect(process_fifo => {kind => 'process', pid_file => $t->dir('fifo')}, 'down', qr/not a regular file/);
expect(process_name => {kind => 'process', process => 'gatehoused'}, 'up');
expect(process_nobody => {kind => 'process', process => 'no-such-program'}, 'down', qr/no process is called/);
expect(card => {kind => 'card', card => 'rows', min_rows => 3}, 'up');
expect(card_few => {kind => 'card', card => 'rows', min_rows => 4}, 'down', qr/3 rows, less than 4/);
expect(card_all => {kind => 'card', card => '*'}, 'down', qr/card "broken"/);
expect(edge => {kind => 'edge'}, 'down', qr/0 workers/);
expect(exec => {kind => 'exec', command => [$t->dir('ok.sh')]}, 'up');
expect(exec_warn => {kind => 'exec', command => [$t->dir('warn.sh')]}, 'degraded', qr/^half full$/);
expect(exec_bad => {kind => 'exec', command => [$t->dir('bad.sh')]}, 'down', qr/^all full$/);
expect(exec_hang => {kind => 'exec', command => [$t->dir('hang.sh')], timeout => '1s'}, 'down', qr/did not end in time/);
expect(exec_none => {kind => 'exec', command => [$t->dir('none.sh')]}, 'down', qr/cannot be started: No such file/);
expect(exec_environment => {kind => 'exec', command => [$t->dir('environment.sh')]}, 'up');
expect(slow_warn => {kind => 'exec', command => ['/bin/true'], warn_after => '0s'}, 'degraded', qr/took .*more than 0s/);
expect(sqlite => {kind => 'sqlite', path => $t->dir('good.db'), integrity => $true}, 'up');
expect(sqlite_none => {kind => 'sqlite', path => $t->dir('none.db')}, 'down', qr/none.db/);
expect(sqlite_text => {kind => 'sqlite', path => $t->dir('data/stats.csv')}, 'down', qr/not a SQLite database/);
expect(sqlite_fifo => {kind => 'sqlite', path => $t->dir('fifo')}, 'down', qr/not a regular file/);
expect(waits => {kind => 'exec', command => [$t->dir('ok.sh')], depends_on => ['http_500']}, 'unknown', qr/waits for "http_500", which is down/);
expect(waits_too => {kind => 'exec', command => [$t->dir('ok.sh')], depends_on => ['waits']}, 'unknown', qr/waits for "waits"/);

my ($made) = $t->run_program(['/usr/bin/python3', '-c', 'import sqlite3,sys; d=sqlite3.connect(sys.argv[1]); d.execute("create table t(a)"); d.commit()', $t->dir('good.db')]);
is $made, 0, 'a SQLite database is there';

$t->sidecar_config({
    sources => {rows => {kind => 'csv', path => $t->dir('rows.csv')}},
    cards => {
        rows => {path => '/rows', sql => 'select * from rows'},
        broken => {path => '/broken', sql => "select error('no')"},
    },
    checks => {map { $_->[0] => {severity => 'info', %{$_->[1]}} } @checks},
    health => {allow_exec => $true},
});
$t->start_sidecar;

# Its exit status is the state of the whole.
sub health { return decode_json(($t->ctl('-o', 'json', 'health'))[1]) }
my %check;
wait_for(sub { %check = map { $_->{name} => $_ } @{health()->{checks}}; !grep { !$_->{checked_at} && $_->{name} !~ /^waits/ } values %check }, 30, 'the first run of all');
wait_for(sub { ($check{card}{state} // '') eq 'up' || do { $t->ctl('health', 'card', '--now'); %check = map { $_->{name} => $_ } @{health()->{checks}}; 0 } }, 20, 'rows');
for (qw(card_few card_all)) { $t->ctl('health', $_, '--now') }
%check = map { $_->{name} => $_ } @{health()->{checks}};
for (@checks) {
    my ($name, undef, $state, $message) = @$_;
    is $check{$name}{state}, $state, "$name is $state" or diag $check{$name}{message};
    like $check{$name}{message}, $message, "$name says why";
}
is health()->{state}, 'up', 'what is only info makes nothing of the whole';
cmp_ok abs($check{cpu}{value} - $cpu), '<', 10, 'the processors: as /proc/stat has it';
like +($app->asked('sends'))[0], qr/^X-Probe: gatehouse\r$/m, 'fields of "headers" are sent';
like +($app->asked('sends'))[0], qr/^Authorization: Bearer sesame\r$/m, 'all of them';
unlike(($t->run_program([$t->sidecar_command('-T')]))[1], qr/sesame/, 'and not shown');
is $check{http_good}{last_ok}, $check{http_good}{checked_at}, 'the last good run';
is $check{http_500}{last_ok}, undef, 'never good';
cmp_ok $check{http_trickle}{latency_ms}, '>', 900, 'a trickle takes its timeout';
cmp_ok $check{http_trickle}{latency_ms}, '<', 3000, 'and no more';
unlike encode_json(health()), qr/HOME|SECRET/, 'no environment';

# --- exits as monitoring plugins do ---
is(($t->ctl('health', 'http_good'))[0], 0, 'up exits 0');
is(($t->ctl('health', 'http_poor'))[0], 1, 'degraded exits 1');
is(($t->ctl('health', 'http_500'))[0], 2, 'down exits 2');
is(($t->ctl('health', 'nobody', @$_))[0], 3, "one that does not exist exits 3 @$_") for [], ['--now'];
my ($exit, $out) = $t->ctl('health');
like $out, qr/^state: up\n/, 'the table begins with the whole';
like $out, qr/^http_500 +http +info +down +\S+ +\S+ +it answered 500$/m, 'and has a line for each';

# --- run now, whatever they wait for ---
is(($t->ctl('--timeout', '5', 'health', 'waits', '--now'))[0], 2, 'one that waits for another is told at once');
is(($t->ctl('--timeout', '30', 'health', '--now'))[0], 0, 'all are run, those that wait left out');

# --- a check that turns over ---
$app->serve(broken => '{"status":"ok"}');
is(($t->ctl('health', 'http_500', '--now'))[0], 0, 'it is up when it is run again');
is(($t->ctl('health', 'waits', '--now'))[0], 0, 'and what waited for it is run');
like $t->log_text('sidecar.log'), qr/check changed.*http_500/, 'the log has it';

# --- a reload keeps what stays and takes what is new ---
my $before = health();
my ($good) = grep { $_->{name} eq 'http_good' } @{$before->{checks}};
$t->sidecar_config({
    checks => {
        http_good => {severity => 'info', %{http('good')}},
        must => {severity => 'critical', interval => '1s', fails => 2, passes => 2, %{http('sick')}},
    },
});
$t->ctl('reload', '--wait');
wait_for(sub { (grep { $_->{name} eq 'must' } @{health()->{checks}})[0]{checked_at} }, 10, 'must');
my $after = health();
is_deeply [map { $_->{name} } @{$after->{checks}}], ['http_good', 'must'], 'the others are forgotten';
is $after->{checks}[0]{since}, $good->{since}, 'what stays keeps its state';
is $after->{state}, 'down', 'critical and down makes it down';
like $after->{message}, qr/^must: /, 'and says by what';
$app->serve(sick => '{"status":"ok"}');
ok eval { wait_for(sub { health()->{state} eq 'up' }, 10, 'up') }, 'two passes turn it back';
$t->stop_sidecar;
done_testing;
