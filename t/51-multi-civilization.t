#!/usr/bin/perl
# The runs of conf/examples/multi-civilization: its own files, runs loaded as its README has it, and what is answered about them.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Http;
use Gatehouse::Prometheus;
use IO::Socket::INET;
use Time::HiRes qw(utime);
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));
my $example = Gatehouse::root() . '/conf/examples/multi-civilization';

# --- the example as it stands, on this test's port and in its directory ---
mkdir $t->dir($_) for qw(run tmp modules data www);
symlink $t->build . '/ngx_http_gatehouse_module.so', $t->dir('modules/ngx_http_gatehouse_module.so');
for my $file (qw(gatehouse.json nginx.conf)) {
    my $text = read_file("$example/$file");
    $text =~ s/127\.0\.0\.1:8080/'127.0.0.1:' . $t->port/ge;
    $text =~ s{run/(link|control|api)\.sock}{"$t->{dir}/$1.sock"}ge;
    $text =~ s{run/board}{$t->board_path}ge;
    $text =~ s/"interval": "10s"/"interval": "1s"/g;
    $text =~ s{quota="10/minute; 50/hour; 200/day"}{quota="1000/minute"};
    $text =~ s{run/nginx\.pid;}{nginx.pid; daemon off;};
    $text = 'user ' . getpwuid($>) . ";\n$text" if $file eq 'nginx.conf' && $> == 0;
    $t->write_file($file, $text);
}
# Of the data, those that the simulation writes; the others are an npm package's.
sub generate ($seed, $directory, $rows = 300) {
    my ($exit, undef, $err) = $t->run_program(['perl', "$example/generate.pl", '--rows', $rows, '--seed', $seed, $directory]);
    is $exit, 0, "the world of seed $seed" or diag $err;
    return;
}
generate(42, $t->dir('data'));
$t->start_sidecar;
$t->start_nginx;
is $t->wait_for_answer('/api/simulations')->{body}, '[]', 'no run yet';
is $t->get('/api/simulations/1')->{status}, 404, 'none to be shown';

# --- three runs, the last one put in between the others ---
my %id;
for my $run (['older', 1, '2026-01-01T12:00:00Z'], ['newest', 2, '2026-01-03T12:00:00Z'], ['between', 3, '2026-01-02T12:00:00Z']) {
    my ($name, $seed, $time) = @$run;
    generate($seed, $t->dir("run-$seed"));
    my $csv = $t->dir("run-$seed/multi_civilization_statistics.csv");
    my $put = $t->ctl_json(qw(dataset put simulations), $csv, '--append', '--run-name', $name, '--time', $time, '--param', "seed=$seed", '--param', 'rows=300');
    is $put->{rows}, 300, "$name is kept";
    $id{$name} = $put->{run};
}
my $expected = join ',', map { qq({"id":$id{$_->[0]},"name":"$_->[0]","timestamp":"2026-01-0$_->[1]T12:00:00"}) } ['newest', 3], ['between', 2], ['older', 1];
is $t->wait_for_answer('/api/simulations', sub ($response) { $response->{body} eq "[$expected]" })->{body}, "[$expected]", 'runs, the newest first';

# --- one run: the CSV it was made of ---
my ($head, @lines) = split /\n/, read_file($t->dir('run-2/multi_civilization_statistics.csv'));
my @columns = split /,/, $head;
my @rows = map { my %row; @row{@columns} = map { $_ + 0 } split /,/; \%row } @lines;
my $shown = decode_json($t->get("/api/simulations/$id{newest}")->{body});
is_deeply $shown, \@rows, 'all rows and columns of one';

my $charts = $t->get("/api/simulations/$id{newest}/charts");
is $charts->{status}, 200, 'charts';
like $charts->{body}, qr/^\{"knowledge":\[\{"time":0,"value":[\d.]+\},.*\],"suppression":\[\{.*\}\],"civilizations":\[\{.*\}\]\}$/, 'in the shape that charts want';
my sub curve ($column) { return [map { {time => $_->{Time}, value => $_->{$column}} } @rows] }
is_deeply decode_json($charts->{body}), {
    knowledge => curve('knowledge_mean'), suppression => curve('suppression_mean'), civilizations => curve('Civilization_Count')}, 'with the values of that run';
wait_for(sub { $t->get("/api/simulations/$id{newest}/charts")->{header}{'cache-status'} =~ /^gatehouse; hit/ }, 10, 'the board');
pass 'and from the board from then on';
isnt $t->get("/api/simulations/$id{older}/charts")->{body}, $charts->{body}, 'another run is another answer';
is $t->get("/api/simulations/$_")->{status}, $_ eq 'x' ? 400 : 404, "run $_" for 999, 'x';

# --- health, as the Flask application tells it ---
sub health ($path) {
    my $response = $t->get($path);
    return ($response->{status}, decode_json($response->{body}));
}
wait_for(sub { my ($status, $body) = health('/health/extended'); defined $body->{metrics}{cpu_percent} && $body->{data_metrics}{timesteps} }, 30, 'all checks');
my ($status, $body) = health('/health');
is $status, 200, 'health: 200';
is_deeply [sort keys %$body], [qw(status timestamp version)], 'health: its members';
is "$body->{status} $body->{version}", 'healthy 1.0.0', 'health: healthy';
(undef, $body) = health('/health/extended');
is_deeply [sort keys %$body], [qw(app_metrics data_metrics metrics status timestamp version)], 'extended: its members';
is_deeply [map { join ' ', sort keys %{$body->{$_}} } qw(metrics app_metrics data_metrics)],
    ['cpu_percent disk_percent memory_percent', 'error_count request_count uptime_seconds', 'last_updated timesteps'], 'extended: their members';
is $body->{data_metrics}{timesteps}, 300, 'extended: as many as the file has rows';
# As the guide's code has it: datetime.datetime.fromtimestamp(os.path.getmtime(FILE)).isoformat(), where it is UTC.
my $statistics = $t->dir('data/multi_civilization_statistics.csv');
for my $time ([1_740_830_400, '2025-03-01T12:00:00'], [1_740_830_400.25, '2025-03-01T12:00:00.250000']) {
    utime $time->[0], $time->[0], $statistics or die "utime: $!";
    my $updated;
    eval { wait_for(sub { ($updated = (health('/health/extended'))[1]{data_metrics}{last_updated} // 'null') eq $time->[1] }, 20, 'the time') };
    is $updated, $time->[1], 'extended: when the file was changed last';
}
sub stranger () {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port, LocalAddr => '127.0.0.2');
    return Gatehouse::Http->new(port => $t->port, socket => $socket);
}
is_deeply [sort keys %{decode_json(stranger->get('/health/extended')->{body})}], [qw(status timestamp version)], 'extended: not for strangers';
my $events = $t->dir('data/multi_civilization_events.csv');
rename $events, "$events.away" or die $!;
wait_for(sub { (undef, $body) = health('/health'); $body->{status} eq 'warning' }, 30, 'a warning');
is((health('/health'))[0], 200, 'a file is missing: still 200');
like $body->{message}, qr/multi_civilization_events\.csv/, 'and which';
rename "$events.away", $events or die $!;
wait_for(sub { (health('/health'))[1]{status} eq 'healthy' }, 30, 'health');
is((health('/health/live'))[0], 200, 'live: 200');

# --- a real Prometheus reads it, with our rules ---
SKIP: {
    skip 'needs prometheus', 3 if !Gatehouse::Prometheus->available;
    my $prometheus = Gatehouse::Prometheus->start($t, $t->port(1));
    ok eval { wait_for(sub { $prometheus->reads }, 30, 'target') }, 'Prometheus reads the deployment' or diag explain $prometheus->ask('targets');
    ok eval { wait_for(sub { ($prometheus->value('gatehouse_health_check_up{check="database"}') // '') eq '1' }, 30, 'a value') }, 'and what it says of a check';
    ok eval { wait_for(sub { @{($prometheus->ask('rules') // {})->{groups} // []} == 5 }, 30, 'rules') }, 'for the rules';
    $prometheus->stop;
}

# --- what there is ---
is_deeply [grep { $_ eq 'aggregations' } map { $_->{name} } @{decode_json($t->get('/gatehouse/cards')->{body})->{cards}}], ['aggregations'],
    'the catalogue lists the cards';
ok decode_json($t->get('/gatehouse/openapi.json')->{body})->{paths}{'/api/simulations/{id}'}, 'their description has a path of each';
is stranger->get("/gatehouse/$_")->{status}, 403, "$_: not for strangers" for qw(cards openapi.json);

$t->done;
