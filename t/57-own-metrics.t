#!/usr/bin/perl
# "metrics": series made of sources, cards and databases, in all formats; absent, zero, too many, failing, reloaded.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Metrics qw(samples families promtool openmetrics);
use JSON::PP qw(decode_json);
use Test::More;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'needs the module, gatehoused and gatehousectl' if !$t->built('module', 'sidecar', 'ctl');

sub projects (@rows) { return $t->write_file('projects.csv', join '', "status,size,events\n", map { "$_\n" } @rows) }
projects('active,10,3', 'active,5,4', 'done,7,0', '"a ""quote"" \\ and a line', 'end",1,1', ',2,1');
$t->write_file('many.csv', join '', "id\n", map { "$_\n" } 1 .. 1001);
$t->write_file('long.csv', join '', "text\n", map { "$_\n" } 'x' x 256, 'x' x 20_000 . 'a', 'x' x 20_000 . 'b');
system('/usr/bin/python3', '-c', <<'PY', $t->dir('jobs.db')) == 0 or die 'sqlite';
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript("create table jobs (state text, hours real); insert into jobs values ('open', 1.5), ('open', 2), (null, 4)")
PY

my @metrics = (
    {name => 'projects', from => 'projects', value => 'count(*)', labels => ['status'], help => "Projects by status.\nA second line."},
    {name => 'projects_active_size_bytes', from => 'projects', value => 'sum(size) -- of all', where => q(status = 'active' -- alone)},
    {name => 'projects_events_total', type => 'counter', from => 'projects', value => 'sum(events)'},
    {name => 'projects_largest_bytes', from => 'sizes', value => 'max(largest)', labels => ['status']},
    {name => 'jobs_work', from => 'jobs.jobs', value => 'sum(hours)', labels => ['state']},
    {name => 'jobs_mean_work', from => 'jobs.jobs', value => 'avg(hours)', every => '1s'},
    {name => 'nobody', from => 'projects', value => 'max(size)', where => "status = 'lost'"},
    {name => 'nothing', from => 'projects', value => 'count(*)', where => "status = 'lost'"},
    {name => 'not_here', from => 'gone', value => 'count(*)'},
    {name => 'long_labels', from => 'long', value => 'count(*)', labels => ['text']},
    {name => 'too_many', from => 'many', value => 'count(*)', labels => ['id']},
    {name => 'rows_of_it', from => 'projects', value => 'size'},
    {name => 'no_number', from => 'projects', value => 'max(status)'});
my %config = (
    sources => {
        projects => {kind => 'csv', path => '%%DIR%%/projects.csv'}, many => {kind => 'csv', path => '%%DIR%%/many.csv'}, long => {kind => 'csv', path => '%%DIR%%/long.csv'},
        jobs => {kind => 'sqlite', path => '%%DIR%%/jobs.db'}, gone => {kind => 'csv', path => '%%DIR%%/gone.csv'}},
    cards => {sizes => {path => '/sizes', sql => 'select status, max(size) as largest from projects group by 1 order by 1'}});
$t->sidecar_config({%config, metrics => \@metrics});
$t->start_sidecar;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location / { gate_board on; } location = /metrics { gate_metrics; } }');
$t->start_nginx;
$t->wait_in_step;

sub scrape (@accept) { return $t->get('/metrics', @accept)->{body} }
sub now_there ($series, $value) {
    my $seen;
    my $ok = eval { wait_for(sub { ($seen = samples(scrape())->{$series} // 'absent') eq $value }, 15, $series) };
    return ok($ok, "$series $value") || diag("but $seen");
}
# What the rows above come to, by hand.
now_there('projects{status="active"}', 2);
now_there('projects{status="done"}', 1);
now_there('projects{status="a \\"quote\\" \\\\ and a line\\nend"}', 1);
now_there('projects{status=""}', 1);
now_there('projects_active_size_bytes', 15);
now_there('projects_events_total', 9);
now_there('projects_largest_bytes{status="active"}', 10);
now_there('jobs_work{state="open"}', 3.5);
now_there('jobs_work{state=""}', 4);
now_there('jobs_mean_work', 2.5);
now_there('nobody', 'NaN');
now_there('nothing', 0);
now_there('gatehouse_own_metric_up{metric="projects"}', 1);
now_there("gatehouse_own_metric_up{metric=\"$_\"}", 0) for qw(not_here too_many rows_of_it no_number);
my $text = scrape();
is samples($text)->{not_here}, 'NaN', 'what was never there is NaN, not 0';
unlike $text, qr/^too_many\{/m, 'of too many series there is none';
is families($text)->{projects}, 'gauge', 'a gauge';
is families($text)->{projects_events_total}, 'counter', 'a counter';
my @long = sort map { /^long_labels\{text="([^"]*)"\}$/ ? $1 : () } keys %{samples($text)};
is scalar(@long), 3, 'labels that are too long are told apart still';
is_deeply [map { length } @long], [256, 256, 256], 'cut short';
is $long[0], 'x' x 256, 'and one that fits is not';
like $text, qr/^# HELP projects Projects by status\.\\nA second line\.$/m, 'its help';
like $text, qr/^# HELP nothing count\(\*\) of projects$/m, 'help by default';
my $log = $t->log_text('sidecar.log');
like $log, qr/"card failed","card":"metric too_many","declared":"[^"]*gatehouse\.json:\d+","error":"gives 1001 series, more than 1000: group by fewer/,
    'too many: the log says what to do';
like $log, qr/"metric rows_of_it".*gives 5 rows: make one of them/, 'rows without labels, too';
like $log, qr/"metric no_number".*\\"value\\" is no number/, 'and a value that is no number';

is promtool($t, $text), '', 'promtool check metrics finds nothing';
my ($count, $complaint) = openmetrics($t, scrape(Accept => 'application/openmetrics-text'));
is $complaint, '', "a strict parser of OpenMetrics takes all $count families";
my $json = decode_json(scrape(Accept => 'application/json'));
ok exists $json->{gauges}{nobody} && !defined $json->{gauges}{nobody}, 'JSON has null for NaN';
is $json->{gauges}{'projects{status=active}'}, 2, 'gauges';
is $json->{counters}{projects_events_total}, 9, 'and counters';

# --- what changes ---
projects('active,10,3', 'done,7,2');
now_there('projects{status="done"}', 1);
now_there('projects_active_size_bytes', 10);
now_there('projects_largest_bytes{status="done"}', 7);
ok !exists samples(scrape())->{'projects{status=""}'}, 'a series that is gone is gone';
unlink $t->dir('projects.csv');
now_there('gatehouse_own_metric_up{metric="projects"}', 0);
is samples(scrape())->{'projects{status="done"}'}, 1, 'a source that is gone: the last values stay';
projects('active,1,1');
now_there('projects{status="active"}', 1);
now_there('gatehouse_own_metric_up{metric="projects"}', 1);

# --- a reload ---
$metrics[0]{value} = 'count(*) * 10';
$t->sidecar_config({%config, metrics => [@metrics[0, 2]]});
$t->reload_sidecar;
now_there('projects{status="active"}', 10);
now_there('projects_events_total', 1);
now_there('nothing', 'absent');
is_deeply [map { $_->{name} } @{$t->ctl_json('status')->{cards}}], ['sizes'], 'metrics are no cards for people';
$t->sidecar_config(\%config);
$t->reload_sidecar;
now_there('projects{status="active"}', 'absent');

# --- as the guides name one, and what is wrong ---
$t->sidecar_config({%config, metrics => [{name => 'projects_total', type => 'gauge', from => 'projects', value => 'count(*)'}]});
my ($exit, undef, $warned) = $t->run_sidecar('-t');
is $exit, 0, 'a gauge called projects_total is taken';
like $warned, qr/warning: "name": "_total" is not for gauges: `promtool check metrics` complains of it/, 'with a warning';
$t->reload_sidecar;
now_there('projects_total', 1);
($count, $complaint) = openmetrics($t, scrape(Accept => 'application/openmetrics-text'));
is $complaint, '', 'OpenMetrics takes it as it is';
$t->done;
