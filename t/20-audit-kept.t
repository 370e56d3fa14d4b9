#!/usr/bin/perl
# The audit log over kills, rotation, USR1 and a reader that is away: every decision once, or counted as dropped.
use v5.36;
use lib 't/lib';
use IO::Socket::INET;
use Test::More;
use Gatehouse;
use Gatehouse::Audit qw(audit_config audit_raw audit_lines decisions wait_for_audit chain_flaw audit_key);
use Gatehouse::Metrics qw(samples);

my $t = Gatehouse->new;
plan skip_all => 'needs the whole product' if !$t->built(qw(module sidecar ctl));

sub configure (%audit) {
    return $t->sidecar_config({sources => {}, cards => {}, audit => audit_config(%audit)});
}
configure();
$t->start_sidecar;
$t->nginx_conf(<<'END');
gate_limit_zone $arg_k zone=slow:128k rate=1r/m;
keepalive_requests 1000000;
server {
    listen 127.0.0.1:%%PORT%%;
    location / { gate_limit zone=slow; gate_limit_log_level info; gate_audit on; empty_gif; }
    location = /metrics { gate_metrics; }
}
END
$t->start_nginx;
$t->wait_in_step;

my $sent = 0;
# So many requests over one connection, one behind the other without waiting.
sub send_requests ($count) {
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $t->port) or die "connect: $!";
    for (my $left = $count; $left > 0; $left -= 100) {
        my $some = $left < 100 ? $left : 100;
        print {$socket} "HEAD /x?k=1 HTTP/1.1\r\nHost: a\r\n\r\n" x $some;
        $socket->flush;
        my ($answers, $buffer) = (0, '');
        while ($answers < $some) {
            sysread($socket, $buffer, 65536, length $buffer) or die 'nginx closed the connection';
            $answers += $buffer =~ s/.*?\r\n\r\n//s while $buffer =~ /\r\n\r\n/;
        }
    }
    $sent += $count;
    return;
}

my @files = ('audit.log');
# What the log tells of, in all: decisions, and those it says were dropped.
sub told { my @lines = audit_lines($t, @files); my $dropped = 0; $dropped += $_->{count} // 0 for @lines; return (scalar decisions(@lines), $dropped) }
sub wait_for_all ($what) {
    my ($told, $dropped);
    wait_for(sub { ($told, $dropped) = eval { told() } or return; $told + $dropped >= $sent }, 60, $what);
    is $told + $dropped, $sent, "$what: $sent sent = $told written + $dropped dropped";
    my %ring;
    ++$ring{$_->{ring}} for decisions(audit_lines($t, @files));
    is scalar(grep { $_ > 1 } values %ring), 0, "$what: none is told twice";
    my ($exit, $out) = $t->ctl('audit', 'verify');
    is $exit, 0, "$what: verify" or diag $out;
    is chain_flaw(audit_key($t), map { audit_raw($t, $_) } @files), undef, "$what: the chain, by other code";
    return ($told, $dropped);
}

sub starts () { return scalar grep { ($_->{event} // '') eq 'start' } audit_lines($t) }

send_requests(50);
wait_for_all('at first');

# --- the sidecar is killed in the midst of it, and is away for a while ---
for my $round (1 .. 4) {
    send_requests(300 + 70 * $round);
    $t->kill_sidecar('KILL');
    send_requests(100);
    $t->start_sidecar;
    # A run that was killed before it could write has none.
    wait_for(sub { (eval { starts() } // 0) == $round + 1 }, 10, "the start record of run $round");
}
$t->wait_in_step;
my ($told, $dropped) = wait_for_all('after kills');
is $dropped, 0, 'nothing is lost by a kill';
is starts(), 5, 'a start record for each run';

# --- a worker dies, its records do not ---
my $metrics = sub { samples($t->get('/metrics')->{body}) };
send_requests(20);
# A client has its answer before the worker has written the record of it.
wait_for(sub { $metrics->()->{gatehouse_audit_decisions_total} == $sent }, 10, 'records of all that was answered');
my ($worker) = $t->nginx_workers;
$t->expect_killed_worker($worker);
kill 'KILL', $worker;
wait_for(sub { my @now = $t->nginx_workers; @now == 1 && $now[0] != $worker }, 10, 'another worker');
send_requests(20);
$t->reload_nginx;
send_requests(20);
wait_for_all('after the death of a worker and a reload');

# --- more than a ring has room for, while nobody reads ---
kill 'STOP', $t->sidecar_pid;
wait_for(sub { (read_file('/proc/' . $t->sidecar_pid . '/status') // '') =~ /^State:\s+T/m }, 10, 'a sidecar that reads no more');
send_requests(18_000);
kill 'CONT', $t->sidecar_pid;
(undef, $dropped) = wait_for_all('after an overflow');
cmp_ok $dropped, '>=', 18_000 - 16_384, 'what the ring had no room for was dropped';
wait_for(sub { $metrics->()->{gatehouse_audit_dropped_total} == $dropped }, 10, 'the metric');
is $metrics->()->{gatehouse_audit_decisions_total}, $sent, 'the metric of what was sent';

# --- moved by another program ---
rename $t->dir('audit.log'), $t->dir('audit.log.1');
kill 'USR1', $t->sidecar_pid;
wait_for(sub { -e $t->dir('audit.log') }, 10, 'a new file');
unshift @files, 'audit.log.1';
send_requests(10);
wait_for_all('after USR1');
wait_for(sub { eval { (audit_lines($t))[0] } }, 20, 'the first line of the new file');
is +(audit_lines($t))[0]{reason}, 'reopen', 'the new file begins with a start record';

# --- renamed by size ---
configure(rotate_size => '20k', keep => 3);
$t->reload_sidecar;
my $first_seq = sub { (eval { audit_lines($t) })[0]{seq} // 0 };
for (1 .. 6) {
    my $before = $first_seq->();
    send_requests(60);
    wait_for(sub { $first_seq->() > $before }, 20, 'a rotation');
}
ok -e $t->dir('audit.log.3') && !-e $t->dir('audit.log.4'), 'three files are kept';
my ($exit, $out) = $t->ctl('audit', 'verify');
is $exit, 0, 'verify over files' or diag $out;
like $out, qr/ lines in 4 files: /, 'all four';

# --- and the end of it is missed too ---
configure();
$t->reload_sidecar;
wait_for(sub { ($t->ctl('audit', 'verify'))[0] == 0 }, 10, 'a whole log');
my @raw = audit_raw($t);
my $cut = join '', map { "$_\n" } @raw[0 .. $#raw - 1];
{
    open my $file, '+<', $t->dir('audit.log') or die $!;
    truncate $file, length $cut;
}
($exit, $out) = $t->ctl('audit', 'verify');
is $exit, 1, 'the last line is missing';
like $out, qr/^\S*audit\.log:$#raw: 1 line is missing after this one$/m, 'and verify says after which';
$t->done;
