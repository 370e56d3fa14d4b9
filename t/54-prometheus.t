#!/usr/bin/perl
# conf/prometheus and conf/grafana: a real Prometheus reads this nginx, takes the rules, and fires an alert; the
# rules' own tests pass; every metric that rules and panels name is there.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Mmdb qw(country mmdb);
use Gatehouse::Prometheus;
use JSON::PP qw(decode_json);
use Test::More;

my $root = Gatehouse::root();
sub slurp ($path) { return Gatehouse::read_file("$root/$path") }

# --- what they name is documented, and t/28-metrics-documented.t holds the document against nginx ---
my ($table) = slurp('docs/metrics.md') =~ /<!-- metrics -->\n(.*?)\n\n/s;
my %known = map { $_ => 1 } $table =~ /^\| `([a-z_]+)` \|/mg;
$known{"http_request_duration_seconds_$_"} = 1 for qw(bucket sum count);
sub unknown ($text) {
    my $plain = $text =~ s/\$\w+|\{[^{}]*\}|"[^"]*"//gr;
    return grep { !$known{$_} && !/:/ && /^(?:gatehouse|http|websocket|process)_/ } $plain =~ /([a-z_:0-9]+)/g;
}
my $rules = slurp('conf/prometheus/gatehouse.rules.yml');
my @expressions = ($rules =~ /expr: (?!>-)(.*)/g, $rules =~ /expr: >-\n((?: {10}.*\n)+)/g);
cmp_ok scalar @expressions, '>=', 15, 'the rules have expressions';
is_deeply [map { unknown($_) } @expressions], [], 'all metrics of the rules are documented';

# --- and so are the labels: of selectors, of "by", and of what is shown of the result ---
my %labels;
for my $row (split /\n/, $table) {
    my ($name, $names) = $row =~ /^\| `([a-z_]+)` \| \w+ \| (.*?)\s*\|/ or next;
    $labels{$name} = {map { $_ => 1 } qw(instance job), $names =~ /`(\w+)`/g};
}
$labels{"http_request_duration_seconds_$_"} = $labels{http_request_duration_seconds} for qw(sum count);
$labels{http_request_duration_seconds_bucket} = {%{$labels{http_request_duration_seconds}}, le => 1};
$labels{up} = {instance => 1, job => 1};
sub by_of ($expression) { return map { [/(\w+)/g] } $expression =~ /\bby \(([^)]*)\)/g }
for my $rule ($rules =~ /- record: (\S+\n(?: {8}.*\n)+)/g) {
    my ($name) = $rule =~ /^(\S+)/;
    my ($by) = by_of($rule);
    $labels{$name} = {map { $_ => 1 } grep { $_ ne 'le' || $rule !~ /histogram_quantile/ } @$by};
}
sub wrong_labels ($expression, $shown) {
    my $plain = $expression =~ s/"[^"]*"|\$\w+//gr;
    my @wrong;
    while ($plain =~ /([a-z_:0-9]+)\{([^{}]*)\}/g) {
        my ($metric, $selector) = ($1, $2);
        push @wrong, map { "$metric has no $_" } grep { !$labels{$metric}{$_} } $selector =~ /(\w+)\s*[=!]/g;
    }
    my @metrics = grep { $labels{$_} } $plain =~ s/\{[^{}]*\}//gr =~ /([a-z_:0-9]+)/g;
    push @wrong, "no metric in $expression" if !@metrics;
    for my $label (map { @$_ } by_of($plain)) {
        push @wrong, map { "$_ has no $label to be by" } grep { !$labels{$_}{$label} } @metrics;
    }
    my ($by) = by_of($plain);
    my %left = map { $_ => 1 } $by ? @$by : $plain =~ /\b(?:sum|min|max|avg|count)\s*\(/ ? () : keys %{$labels{$metrics[0] // ''} // {}};
    return (@wrong, map { "$_ is not left of $expression" } grep { !$left{$_} } @$shown);
}
is_deeply [wrong_labels('gatehouse_card_stale{crad="a"}', []), wrong_labels('sum by (zone) (gatehouse_card_stale)', []),
    wrong_labels('sum(gatehouse_card_stale) > 1', ['card']), wrong_labels('gatehouse_card_stale', ['zone'])],
    ['gatehouse_card_stale has no crad', 'gatehouse_card_stale has no zone to be by', 'card is not left of sum(gatehouse_card_stale) > 1',
        'zone is not left of gatehouse_card_stale'], 'wrong labels are found';
my @blocks = $rules =~ /^ {6}- ((?:alert|record): .*\n(?:(?! {6}-| {2}-).*\n)+)/mg;
is scalar @blocks, scalar @expressions, 'each rule has one expression';
is_deeply [map { my ($expression) = /expr: (?:>-\n)?((?:.*\n)(?: {10}.*\n)*)/; wrong_labels($expression, [/\$labels\.(\w+)/g]) } @blocks], [],
    'all labels of the rules are those of their metrics';

my $dashboard = decode_json(slurp('conf/grafana/gatehouse.json'));
my @panels = @{$dashboard->{panels}};
my @targets = map { @{$_->{targets} // []} } @panels;
cmp_ok scalar @targets, '>=', 20, 'the dashboard has queries';
is_deeply [map { unknown($_->{expr}) } @targets], [], 'all metrics of the dashboard are documented';
is_deeply [map { wrong_labels($_->{expr}, [($_->{legendFormat} // '') =~ /\{\{\s*(\w+)\s*\}\}/g]) } @targets], [], 'all labels of the dashboard are those of their metrics';
my @variables = map { $_->{definition} // () } @{$dashboard->{templating}{list}};
is_deeply [grep { !/^label_values\((\w+), (\w+)\)$/ || !$labels{$1}{$2} } @variables], [], 'and those of its variables';
is_deeply [map { ref $_->{query} ? $_->{query}{query} : () } @{$dashboard->{templating}{list}}], \@variables, 'which say the same in both places';
my %kind = map { $_->{type} => 1 } @panels;
is_deeply [sort keys %kind], [qw(heatmap row stat timeseries)], 'its panels are of kinds that there are today';
my %id;
is_deeply [grep { $id{$_->{id}}++ } @panels], [], 'no two panels have the same id';
is_deeply [grep { $_->{type} ne 'row' && !$_->{gridPos}{w} } @panels], [], 'every panel has its place';
is_deeply [map { $_->{name} } @{$dashboard->{templating}{list}}], [qw(datasource instance endpoint card)], 'its variables';

SKIP: {
    my ($promtool) = grep { -x } map { "$_/promtool" } split /:/, $ENV{PATH};
    skip 'needs promtool', 3 if !$promtool;
    my $t = Gatehouse->new(ports => 1);
    my ($exit, $out, $err) = $t->run_program([$promtool, 'test', 'rules', "$root/conf/prometheus/gatehouse.rules_test.yml"], timeout => 60);
    is $exit, 0, 'the rules pass their own tests' or diag $out, $err;
    my %alert = map { $_ => 1 } $rules =~ /- alert: (\w+)/g;
    my %record = map { $_ => 1 } $rules =~ /- record: (\S+)/g;
    my $tests = slurp('conf/prometheus/gatehouse.rules_test.yml');
    delete @alert{$tests =~ /alertname: (\w+)\n +exp_alerts:\n/g};
    is_deeply [keys %alert], [], 'every alert has a test in which it fires';
    delete @record{$tests =~ /- expr: ([\w:]+)/g};
    is_deeply [keys %record], [], 'what is recorded is tested';
}

my $t = Gatehouse->new(ports => 3);
if (!Gatehouse::Prometheus->available || !$t->built('module', 'sidecar')) {
    note 'the rest needs prometheus and the product';
    done_testing;
    exit;
}

# --- an nginx with a database that is far too old ---
$t->write_file('rows.csv', "n\n1\n");
$t->sidecar_config({
    sources => {rows => {kind => 'csv', path => $t->dir('rows.csv')}},
    cards => {rows => {path => '/rows', sql => 'select * from rows'}},
    checks => {gone => {kind => 'file', path => $t->dir('gone')}}});
$t->start_sidecar;
$t->write_file('old.mmdb', mmdb({'192.0.2.0/24' => country('DE')}, epoch => 1_600_000_000));
$t->nginx_conf(<<'END');
gate_link %%LINK%%; gate_board_file %%BOARD%%;
gate_geoip %%DIR%%/old.mmdb;
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_board on; }
    location = /metrics { gate_metrics; }
}
END
$t->start_nginx;
$t->wait_in_step;

# --- Prometheus as conf/prometheus has it, in a hurry ---
my $prometheus = eval { Gatehouse::Prometheus->start($t, $t->port(1)) };
ok $prometheus, 'Prometheus starts with our configuration' or do { diag $t->log_text('prometheus.log'); BAIL_OUT('no Prometheus') };
sub ask ($path) { return $prometheus->ask($path) }
ok eval { wait_for(sub { $prometheus->reads }, 20, 'target') }, 'and reads this nginx';
my @groups = map { $_->{name} } @{ask('rules')->{groups}};
is_deeply [sort @groups], [map { "gatehouse.$_" } qw(data health identity recorded traffic)], 'it has the rules';
sub alert ($name) { return (grep { $_->{labels}{alertname} eq $name } @{ask('alerts')->{alerts}})[0] }
ok eval { wait_for(sub { ((alert('GatehouseGeoipOld') // {})->{state} // '') eq 'firing' }, 30, 'alert') }, 'an alert fires';
like alert('GatehouseGeoipOld')->{annotations}{summary}, qr/^GeoIP database .*old\.mmdb is \d+d /, 'and says what is wrong';
ok eval { wait_for(sub { ((alert('GatehouseDegraded') // {})->{state} // '') eq 'pending' }, 20, 'pending') }, 'one that must last is pending';
ok !alert('GatehouseSidecarAway'), 'what is well is not told of';
$prometheus->stop;
$t->stop_nginx;
$t->stop_sidecar;
done_testing;
