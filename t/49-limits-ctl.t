#!/usr/bin/perl
# gatehousectl limit and top against a live nginx and sidecar: what they tell is what clients get.

use v5.36;
use lib 't/lib';
use Gatehouse;
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 2, workers => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

my $zones = <<'END';
gate_limit_zone $gate_client zone=client:1m quota="3/hour; 100/day" window=fixed;
gate_limit_zone $http_k zone=rate:128k rate=1r/m;
gate_limit_zone $http_k zone=slide:1m quota=2/hour window=sliding;
gate_limit_zone $http_k zone=plan:1m quota=$http_q;
gate_limit_zone $http_k zone=kept:1m quota=2/hour file=%%DIR%%/kept.zone;
gate_conn_zone $http_k zone=cap:1m;
END
my $server = <<'END';
server {
    listen 127.0.0.1:%%PORT%%;
    location = /client { gate_limit zone=client; gate_route client; return 200; }
    location = /rate { gate_limit zone=rate; return 200; }
    location = /burst { gate_limit zone=rate burst=5 nodelay; return 200; }
    location = /slide { gate_limit zone=slide; return 200; }
    location = /plan { gate_limit zone=plan; return 200; }
    location = /kept { gate_limit zone=kept; return 200; }
    location = /cap { gate_conn zone=cap 5; return 200; }
    location / { gate_board on; root temp; }
}
END
# A limit's handler runs before a return's: none of nginx's own answers in the rewrite phase.
$server =~ s/return 200;/empty_gif;/g;

$t->write_file('d.csv', "a\n1\n");
$t->sidecar_config({
    sources => {d => {kind => 'csv', path => '%%DIR%%/d.csv'}},
    cards => {one => {path => '/one', sql => 'select * from d'}}});

sub status_of ($path, %headers) { return $t->get($path, %headers)->{status} }
sub statuses ($times, $path, %headers) { return join ' ', map { status_of($path, %headers) } 1 .. $times }
sub windows (@arguments) {
    my $nginx = $t->ctl_json('limit', 'show', @arguments)->{nginx};
    is scalar @$nginx, 1, "one nginx answers for @arguments";
    return @{$nginx->[0]{windows}};
}
sub zone ($name) {
    my ($zone) = grep { $_->{name} eq $name } @{$t->ctl_json('limit', 'list')->{zones}};
    return $zone // {};
}

$t->start_sidecar;
like +($t->ctl('limit', 'list'))[1], qr/^no connected nginx has a limit zone$/, 'list without nginx';
$t->nginx_conf($zones . $server);
$t->start_nginx;
$t->wait_in_step;
wait_for(sub { @{$t->ctl_json('limit', 'list')->{zones}} == 5 && @{zone('kept')->{workers}} == 2 }, 10, 'all zones of both workers');

# --- list ---
is statuses(5, '/client'), '200 200 200 429 429', 'three of five pass';
my $client = zone('client');
is_deeply [@{$client}{qw(key quota window align full bytes)}],
    ['$gate_client', '3/hour; 100/day', 'fixed', 'first', 'evict', 1 << 20], 'list: what is configured';
is_deeply [@{$client}{qw(entries capacity passed delayed rejected evicted_active)}],
    [2, ((1 << 20) - 4096) / 16, 3, 0, 2, 0], 'list: cells in use, their number, counters';
is scalar @{$client->{workers}}, 2, 'list: its workers';
is_deeply zone('rate')->{bursts}, [0, 5], 'list: the bursts of all rules';
is zone('plan')->{quota}, '$http_q', 'list: a quota of variables';
is zone('kept')->{file}, $t->dir('kept.zone'), 'list: a file';
like +($t->ctl('limit', 'list'))[1], qr/^client +\$gate_client +3\/hour; 100\/day fixed +1\.0 MiB +2 +65280 +0 % +3 +0 +2 +0$/m,
    'list as a table';
like +($t->ctl('limit', 'list'))[1], qr/^rate .* 1r\/m burst=5 /m, 'with bursts';

# --- show ---
my ($hour, $day) = windows('client', '127.0.0.1');
is_deeply [@{$hour}{qw(window limit used remaining)}], ['3/hour', 3, 3, 0], 'show: the window that is full';
ok $hour->{limited}, 'it limits';
cmp_ok abs($hour->{retry_after_ms} - 3_600_000), '<', 60_000, 'until its end';
is $hour->{reset_ms}, $hour->{retry_after_ms}, 'when all is there again';
is_deeply [@{$day}{qw(window limit used remaining limited)}], ['100/day', 100, 3, 97, JSON::PP::false], 'show: the other one';
my $before = $t->get('/client');
my ($again) = windows('client', '127.0.0.1');
is_deeply [@{$again}{qw(used remaining)}], [3, 0], 'looking charges nothing';
my ($t_of_client) = $before->{header}{ratelimit} =~ /;r=0;t=(\d+)/;
cmp_ok abs($t_of_client - $again->{retry_after_ms} / 1000), '<=', 2, 'the same time as the response says';
is((windows('client', '::ffff:127.0.0.1'))[0]{used}, 3, 'an address in another form is the same client');
is((windows('client', '127.0.0.1/32'))[0]{used}, 3, 'with its prefix length too');
is((windows('client', '7f000001', '--hex'))[0]{used}, 3, 'and its bytes');
is((windows('client', '127.0.0.1', '--text'))[0]{used}, 0, 'as text it is another key');
is((windows('client', '192.0.2.1'))[0]{remaining}, 3, 'somebody else has all');
like +($t->ctl('limit', 'show', 'client', '127.0.0.1', '192.0.2.1'))[1],
    qr/^127\.0\.0\.1 +3\/hour +- +3 +3 +0 +\d+ min.* limited, next in .*^192\.0\.2\.1 +3\/hour +- +3 +0 +3 +- +passes$/ms,
    'show several keys, as a table';

is statuses(3, '/burst', K => 'a'), '200 200 200', 'within the burst';
my %rate = map { $_->{burst} => $_ } windows('rate', 'a');
is_deeply [map { $rate{$_}{limited} ? 1 : 0 } 0, 5], [1, 0], 'show: a rate under each burst';
is_deeply [@{$rate{5}}{qw(limit used remaining)}], [6, 3, 3], 'what is left of the burst';
is scalar(windows('rate', 'a', '--burst', 2)), 1, 'or under the one that is meant';
is_deeply [map { status_of('/burst', K => 'a') } 1 .. 4], [200, 200, 200, 429], 'and so many pass';
is status_of('/rate', K => 'a'), 429, 'where there is no burst, none';

is statuses(3, '/slide', K => 'a b/ä'), '200 200 429', 'a sliding window';
my ($slide) = windows('slide', 'a b/ä');
is_deeply [@{$slide}{qw(used remaining limited)}], [2, 0, JSON::PP::true], 'show: any bytes are a key';

# --- plans ---
is statuses(3, '/plan', K => 'p', Q => '2/hour'), '200 200 429', 'a plan by a variable';
my ($exit, $out, $err) = $t->ctl(qw(limit show plan p));
is $exit, 1, 'a plan that the request decides: exit 1';
like $err, qr/takes its quota from "\$http_q", which each request decides.*--quota/, 'and what to say';
is_deeply [@{(windows('plan', 'p', '--quota', '2/hour'))[0]}{qw(used limited)}], [2, JSON::PP::true], 'said with --quota';
for (['--quota', 'a lot', '"a lot" is no quota'], ['--rate', '5r/h', '"5r/h" is no rate'], ['--burst', '10000001', 'a whole number from 0 to 10000000 is expected']) {
    my ($option, $value, $message) = @$_;
    ($exit, undef, $err) = $t->ctl(qw(limit show plan p), $option, $value);
    is $exit, 2, "$option $value: exit 2";
    like $err, qr/\Q$message\E/, 'in words';
}
is +($t->ctl(qw(limit reset plan p --quota), 'a lot'))[0], 2, 'for reset too';

# --- reset ---
is $t->ctl_json(qw(limit reset client 127.0.0.1))->{cells}, 2, 'reset: one cell for each window';
is statuses(8, '/client'), '200 200 200 429 429 429 429 429', 'at once, in both workers';
is $t->ctl_json(qw(limit reset rate a))->{cells}, 1, 'reset of a rate';
is statuses(7, '/burst', K => 'a'), '200 200 200 200 200 200 429', 'the whole burst is there again';
is $t->ctl_json('limit', 'reset', 'slide', 'a b/ä')->{cells}, 1, 'reset of a sliding window';
is status_of('/slide', K => 'a b/ä'), 200, 'passes again';
is $t->ctl_json(qw(limit reset plan p --quota 1/hour))->{cells}, 1, 'of a plan: the period counts, not the amount';
is status_of('/plan', K => 'p', Q => '2/hour'), 200, 'passes again';
like +($t->ctl(qw(limit reset client 192.0.2.1)))[1], qr/^client: 192\.0\.2\.1: nothing was held against it$/, 'reset of a key that is none';
like $t->log_text('sidecar.log'), qr/"message":"limit reset","zone":"client","key":"127\.0\.0\.0\/24","cells":2/, 'the log says so, masked';

is statuses(2, '/slide', K => $_), '200 200', "key $_" for qw(x y z);
is $t->ctl_json(qw(limit reset slide --all))->{cells}, 4, 'reset --all: every key';
is zone('slide')->{entries}, 0, 'nothing is left';
is statuses(3, '/slide', K => 'x'), '200 200 429', 'and all begins anew';

# --- a zone in a file ---
is statuses(3, '/kept', K => 'f'), '200 200 429', 'a zone in a file';
is_deeply [@{(windows('kept', 'f'))[0]}{qw(used limited)}], [2, JSON::PP::true], 'is shown';
is $t->ctl_json(qw(limit reset kept f))->{cells}, 1, 'is reset';
is statuses(3, '/kept', K => 'f'), '200 200 429', 'at once';
is zone('kept')->{entries}, 1, 'is counted';

# --- top ---
is statuses(2, '/rate', K => 'b'), '200 429', 'another key is refused once';
my %top = map { $_->{zone} => $_->{keys} } @{$t->ctl_json(qw(limit top))->{zones}};
my $first = $top{client}[0];
is_deeply [@{$first}{qw(label refused error)}], ['127.0.0.0/24', zone('client')->{rejected}, 0], 'top: masked, counted over both workers';
is_deeply [map { $_->{refused} } @{$top{rate}}], [zone('rate')->{rejected} - 1, 1], 'top: most refused first';
is scalar @{$t->ctl_json(qw(limit top rate -n 1))->{zones}[0]{keys}}, 1, 'top of one zone, so many';
like +($t->ctl(qw(limit top client)))[1], qr/^client +127\.0\.0\.0\/24 +(\d+) +\1 +[0-9a-f]{16}$/m, 'top as a table';

# --- usage and refusals ---
is +($t->ctl(qw(limit show nosuch a)))[0], 1, 'an unknown zone: exit 1';
is +($t->ctl(qw(limit show client nobody)))[0], 2, 'no address where one is the key: exit 2';
is +($t->ctl(qw(limit show client abc --hex)))[0], 2, 'half a byte: exit 2';
is +($t->ctl(qw(limit show client a --hex --text)))[0], 2, 'two forms: exit 2';
is +($t->ctl(qw(limit show client ../x/y)))[0], 2, 'a path is no address: exit 2';
is +($t->ctl(qw(limit show ../x a)))[0], 2, 'nor a zone: exit 2';
is +($t->ctl(qw(limit reset client)))[0], 2, 'reset of nothing: exit 2';
is +($t->ctl(qw(limit reset client a --all)))[0], 2, 'reset of a key and of all: exit 2';
is +($t->ctl('limit', 'show', 'slide', ''))[0], 2, 'an empty key: exit 2';
# As much as nginx itself takes by default, and as an argument can have.
my @long = map { "\xc3" x $_ } 8000, 120_000;
is statuses(3, '/slide', K => $long[0]), '200 200 429', 'a long key';
is_deeply [map { (windows('slide', $_))[0]{used} } @long], [2, 0], 'is shown as any other';
for (['limit foo', 'limit: there is no command "foo"; there are list, show, reset, top'], ['limit', 'limit: a command is missing; there are list, show, reset, top'],
    ['foo', 'there is no command "foo"; there are ' . commands()],
    ['limit top -n 0', '-n,--most: a whole number from 1 to 1000 is expected, not "0"'], ['limit top -n 1x', '-n,--most: a whole number from 1 to 1000 is expected, not "1x"'],
    ['top -n 0', '-n,--frames: a whole number from 1 to 1000000 is expected, not "0"'], ['top --interval 0', '--interval: seconds from 0.1 to 3600 are expected, not "0"'],
    ['--timeout 0 limit list', '--timeout: seconds from 0.001 to 86400 are expected, not "0"'], ['limit list --timeout 1e9', '--timeout: seconds from 0.001 to 86400 are expected, not "1e9"'],
    ['limit show slide x --burst -1', '--burst: a whole number from 0 to 10000000 is expected, not "-1"'],
    ['limit reset slide', 'limit reset: name a key, or all of them with --all'], ['limit reset slide x --all', 'limit reset: --all is every key, name none beside it']) {
    my ($line, $message) = @$_;
    ($exit, $out, $err) = $t->ctl(split ' ', $line);
    is "$exit $out", '2 ', "$line: exit 2";
    is +(split /\n/, $err)[0], "gatehousectl: $message", 'in words';
}

# As --help has them.
sub commands () {
    my (undef, $help) = $t->ctl('--help');
    my ($list) = $help =~ /^Subcommands:\n(.*)/ms;
    return join ', ', $list =~ /^  (\w+) /mg;
}

# --- gatehousectl top ---
my $load = $t->load(paths => ['/one'], clients => 2);
my $frame = $t->ctl_json(qw(top --once));
is $frame->{workers}, 2, 'top: workers';
is $frame->{cards}{fresh}, 1, 'top: cards';
cmp_ok $frame->{requests_per_s}, '>', 1, 'top: requests';
cmp_ok $frame->{'2xx'}, '>', 1, 'by class';
cmp_ok $frame->{p50_ms}, '<=', $frame->{p99_ms}, 'with percentiles';
is_deeply [map { $_->{zone} } @{$frame->{limits}}], [qw(client kept plan rate slide)], 'top: limits';
is_deeply [map { $_->{zone} } @{$frame->{caps}}], ['cap'], 'top: caps';
is $frame->{endpoints}[0]{endpoint}, '/', 'top: the busiest endpoint first';
($exit, $out) = $t->ctl(qw(top -n 2 --interval 0.2));
is $exit, 0, 'top without a terminal';
is scalar(() = $out =~ /^requests +\d+\.\d\/s  2xx /mg), 2, 'as many frames as are asked for';
is scalar(() = ($t->ctl('top', '--interval', 0.1))[1] =~ /^ENDPOINT /mg), 1, 'or one';

# On a terminal: script(1) gives it one.
SKIP: {
    my $command = sprintf '%s/gatehousectl -s %s top', $t->build, $t->control_path;
    skip 'script(1) is not installed', 4 if system('command -v script >/dev/null') != 0;
    my $frames = qx(script -qec '$command -n 2 --interval 0.2' /dev/null </dev/null);
    is scalar(() = $frames =~ /\e\[H/g), 3, 'top on a terminal: a screen, and one for each frame';
    like $frames, qr/\A\e\[\?1049h\e\[\?25l/, 'takes the terminal';
    like $frames, qr/\e\[\?25h\e\[\?1049l\z/, 'and gives it back';
    my $began = now();
    my $screen = $t->dir('screen');
    qx((while ! grep -q requests '$screen'; do sleep 0.05; done; printf q) 2>/dev/null | script -qfec '$command' '$screen');
    cmp_ok now() - $began, '<', 10, 'q leaves';
}
$load->stop;

# --- two nginx on one sidecar ---
my ($mine) = @{$t->ctl_json('limit', 'list')->{zones}};
is_deeply [@{$mine}{qw(master prefix)}], [$t->nginx_pid, $t->dir . '/'], 'list: the nginx of a zone';
unlike +($t->ctl('limit', 'list'))[1], qr/NGINX/, 'of which the table says nothing as long as there is one';
my $other = Gatehouse->new;
$other->nginx_conf('gate_link ' . $t->link_path . ";\ngate_limit_zone \$http_k zone=rate:128k rate=1r/m;\n"
    . 'server { listen 127.0.0.1:%%PORT%%; location / { gate_limit zone=rate; empty_gif; } }');
$other->start_nginx;
wait_for(sub { @{$t->ctl_json('limit', 'list')->{zones}} == 6 }, 10, 'the zone of the other nginx');
is join(' ', map { $other->get('/', K => 'o')->{status} } 1 .. 3), '200 429 429', 'the other nginx limits by itself';
my %name = map { $_->nginx_pid => $_->nginx_pid . ' ' . $_->dir . '/' } $t, $other;
is_deeply {map { $_->{master} => $_->{prefix} } grep { $_->{name} eq 'rate' } @{$t->ctl_json('limit', 'list')->{zones}}},
    {$t->nginx_pid => $t->dir . '/', $other->nginx_pid => $other->dir . '/'}, 'list: which is whose';
like +($t->ctl(@$_))[1], qr/NGINX\s*\n.*(?:^rate|^o ).* \Q$name{$other->nginx_pid}\E$/ms, "@$_: a column tells them apart"
    for [qw(limit list)], [qw(limit top)], [qw(limit show rate o)];
is_deeply [sort map { $_->{master} } @{$t->ctl_json(qw(limit show rate o))->{nginx}}], [sort keys %name], 'show: of both';
is_deeply [sort map { $_->{master} } @{$t->ctl_json(qw(limit top rate))->{zones}}], [sort keys %name], 'top: of both';
$other->finish;
wait_for(sub { @{$t->ctl_json('limit', 'list')->{zones}} == 5 }, 10, 'the end of the other nginx');

# --- a reload, the end of the sidecar ---
$t->nginx_conf(($zones =~ s/^gate_limit_zone \S+ zone=plan.*\n//mr) . ($server =~ s/.*zone=plan.*\n//r));
$t->reload_nginx;
wait_for(sub { @{$t->ctl_json('limit', 'list')->{zones}} == 4 }, 10, 'the zone that is no more is not listed');
pass 'a zone that a reload takes away is not listed';
is((windows('client', '127.0.0.1'))[0]{used}, 3, 'the others go on');
$t->kill_sidecar('KILL');
$t->start_sidecar;
wait_for(sub { @{$t->ctl_json('limit', 'list')->{zones}} == 4 }, 10, 'a new sidecar has the zones');
is((windows('client', '127.0.0.1'))[0]{used}, 3, 'and what they hold');

$t->done;
