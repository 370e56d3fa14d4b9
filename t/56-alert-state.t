#!/usr/bin/perl
# Where alerts are kept: in PostgreSQL as in SQLite, shared by others; a database that is away; none at all.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Postgres;
use Gatehouse::Receiver;
use Test::More;

my $t = Gatehouse->new(ports => 2);
plan skip_all => 'needs gatehoused and gatehousectl' if !$t->built('sidecar', 'ctl');
plan skip_all => 'needs PostgreSQL' if !Gatehouse::Postgres->available;
my $receiver = Gatehouse::Receiver->start($t->port(1), $t->dir('receiver'));
my $pg = Gatehouse::Postgres->new($t);
$pg->start;
my $true = JSON::PP::true;

sub config ($state, %more) {
    return $t->sidecar_config({
        ($state ? (state => $state) : ()), ($more{health} ? (health => $more{health}) : ()),
        checks => {flag => {kind => 'file', path => '%%DIR%%/flag', interval => '1s', severity => 'info'}, %{$more{checks} // {}}},
        alerts => {
            rules => {down => {on => 'check'}},
            receivers => {hook => {kind => 'webhook', url => $receiver->url('hook'), allow_private => $true}},
        },
    });
}
sub messages { return $receiver->got('hook') }
sub wait_for_messages ($count) { return wait_for(sub { messages() >= $count }, 30, "message $count") }
sub overview { return $t->ctl_json('alert', 'list') }
sub state_of () { return (map { $_->{state} . (defined $_->{silence} ? ' silenced' : '') } @{overview()->{alerts}})[0] // 'none' }
sub kept ($columns) { return $pg->sql("select $columns from gatehouse.system_alerts order by pending_ms") }

# --- PostgreSQL ---
config({url => $pg->url});
$t->start_sidecar;
wait_for_messages(1);
wait_for(sub { kept('told') =~ /hook/ }, 10, 'the alert in the database');
is kept('rule, target, severity, state, value is null, resolved_ms is null'), 'down|flag|warning|firing|t|t', 'an alert is a row of system_alerts';
like kept('edge'), qr/^[\w.-]+$/, 'of this machine';
$t->kill_sidecar;
$t->start_sidecar;
wait_for(sub { state_of() eq 'firing' }, 20, 'the alert after a crash');
$t->ctl('health', 'flag', '--now') for 1 .. 3;
is scalar messages(), 1, 'a crash tells nothing twice';

# --- what others do in the same database ---
$pg->sql("insert into gatehouse.silences (rule, target, until_ms, created_ms, comment) values ('*', '*', 9e15, 0, 'elsewhere')");
$pg->sql("insert into gatehouse.system_alerts (edge, id, rule, target, severity, state, summary, detail, pending_ms, firing_ms, told) "
    . "values ('another', 'x-1', 'down', 'other', 'warning', 'firing', 's', 'd', 1, 1, '{}')");
ok wait_for(sub { state_of() eq 'firing silenced' }, 20, 'the silence of another'), 'a silence that another has made holds here';
is scalar @{overview()->{alerts}}, 1, "and the alerts of another machine are not this one's";
$t->write_file('flag', 'x');
wait_for(sub { state_of() eq 'resolved silenced' }, 20, 'the end');
is scalar messages(), 1, 'a silenced end is not told yet';
$pg->sql('delete from gatehouse.silences');
wait_for_messages(2);
like +(messages())[1]{body}, qr/"resolved"/, 'but when the silence is over';

# --- a database that is away ---
unlink $t->dir('flag');
wait_for_messages(3);
$pg->stop;
$t->write_file('flag', 'x');
wait_for_messages(4);
wait_for(sub { $t->log_text('sidecar.log') =~ /alerts are not kept/ }, 20, 'the log');
pass 'alerts go on while their database is away, and the log says that they are not kept';
is +($t->ctl(qw(alert silence down --for 1h)))[0], 1, 'a silence that cannot be kept is none';
$pg->start;
wait_for(sub { kept('state') =~ /resolved\nresolved/ }, 30, 'both ends in the database');
pass 'and all is kept once it is back';
wait_for(sub { $t->log_text('sidecar.log') =~ /alerts are kept again/ }, 20, 'the log');
$t->stop_sidecar;
$pg->stop;
unlink $t->dir('flag');
$t->start_sidecar;
wait_for_messages(5);
like +(messages())[4]{body}, qr/"firing"/, 'a start without the database alerts all the same, after a while';
$pg->start;
wait_for(sub { kept('state') =~ /firing/ }, 40, 'the alert in the database');
pass 'and keeps it once it is there';
$t->stop_sidecar;

# --- what is old ---
$pg->sql("insert into gatehouse.system_alerts select edge, 'old-1', 'old', 'old', severity, 'resolved', summary, detail, value, 1, 1, 1, '{}' "
    . "from gatehouse.system_alerts where state = 'firing'");
like kept('rule'), qr/^old$/m, 'one that was resolved long ago';
$t->start_sidecar;
ok wait_for(sub { kept('rule') !~ /old/ }, 20, 'old ones to go'), 'is forgotten after history.keep';
$t->stop_sidecar;

# --- what a program prints that is no UTF-8 ---
$t->write_file('latin1.sh', "#!/bin/sh\nprintf 'f\\374llt \\000sich'\nexit 2\n");
chmod 0755, $t->dir('latin1.sh') or die $!;
config({url => $pg->url}, health => {allow_exec => $true},
    checks => {latin1 => {kind => 'exec', command => [$t->dir('latin1.sh')], interval => '1s', severity => 'info'}});
$t->start_sidecar;
ok wait_for(sub { kept('target, state, detail') =~ /^latin1\|firing\|.*/m }, 30, 'the alert in the database'), 'what is no UTF-8 keeps no alert out of it';
like kept('detail'), qr/is down: f\xEF\xBF\xBDllt \xEF\xBF\xBDsich$/m, 'and has its place there';
ok wait_for(sub { $pg->sql(q(select message from gatehouse.health_metrics where metric = 'latin1')) =~ /f\xEF\xBF\xBDllt/ }, 20, 'history'),
    'as in history';
$t->stop_sidecar;

# --- no state ---
config(undef);
my $before = messages();
unlink $t->dir('flag');
$t->start_sidecar;
wait_for_messages($before + 1);
is +($t->ctl(qw(alert silence down --for 1h)))[0], 0, 'without state there are silences';
ok wait_for(sub { state_of() eq 'firing silenced' }, 10, 'the silence'), 'that hold';
is +($t->ctl(qw(alert unsilence 1)))[0], 0, 'and end';
$t->stop_sidecar;
$t->start_sidecar;
wait_for_messages($before + 2);
pass 'and a restart begins anew';
$t->stop_sidecar;
$t->done;
