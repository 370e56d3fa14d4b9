#!/usr/bin/perl
# process_* of the sidecar against /proc; that every metric named in advance is documented and so served.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Gatehouse::Metrics qw(samples);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

$t->sidecar_config({});
$t->start_sidecar;
my $started = time;
$t->nginx_conf('server { listen 127.0.0.1:%%PORT%%; location = /metrics { gate_metrics; } }');
$t->start_nginx;
$t->wait_in_step;
my $pid = $t->sidecar_pid;
my $now = {};
wait_for(sub { ($now = samples($t->get('/metrics')->{body}))->{process_max_fds} }, 15, 'figures of the process');

my ($max) = Gatehouse::read_file("/proc/$pid/limits") =~ /^Max open files\s+(\d+)/m;
is $now->{process_max_fds}, $max, 'how many descriptors it may have';
my @open = glob("/proc/$pid/fd/*");
cmp_ok abs($now->{process_open_fds} - @open), '<=', 10, "how many it has: about " . @open;
cmp_ok abs($now->{process_start_time_seconds} - $started), '<=', 5, 'when it was started';
my ($pages) = Gatehouse::read_file("/proc/$pid/statm") =~ /^\d+ (\d+)/;
my $page = qx(getconf PAGESIZE);
cmp_ok $now->{process_resident_memory_bytes} / ($pages * $page), '>', 0.5, 'memory in RAM, about';
cmp_ok $now->{process_resident_memory_bytes} / ($pages * $page), '<', 2, 'as much as the system says';
cmp_ok $now->{process_virtual_memory_bytes}, '>', $now->{process_resident_memory_bytes}, 'address space is more';
cmp_ok $now->{process_cpu_seconds_total}, '>', 0, 'processor time';

# A busy sidecar shows, but not every second: what is the same is not told again.
my $before = $now->{process_cpu_seconds_total};
my $changes = wait_for(sub { samples($t->get('/metrics')->{body})->{process_cpu_seconds_total} > $before }, 20, 'more processor time');
ok $changes, 'the figures are looked at again';
$t->kill_sidecar;
wait_for(sub { !samples($t->get('/metrics')->{body})->{gatehouse_sidecar_up} }, 10, 'the loss');
is_deeply [grep { /^process_/ } keys %{samples($t->get('/metrics')->{body})}], [], 'a sidecar that is gone uses nothing';

SKIP: {
    my $surface = Gatehouse::root() . '/../shared/SURFACE.md';
    skip 'the list of names is not here', 1 if !-e $surface;
    my ($list) = Gatehouse::read_file($surface) =~ /^## 5\. Metrics[^\n]*\n(.*?)(?=^## |\z)/ms;
    my %documented = map { $_ => 1 } Gatehouse::read_file($t->root . '/docs/metrics.md') =~ /^\| `(\w+)` \| (?:counter|gauge|histogram) \|/mg;
    # `name{label}`, `name_{one,two}_total{label}`; the last braces are labels.
    my %named;
    for my $entry ($list =~ /`([a-z_]+\w*(?:\{[\w,]+\}\w*)*)`/g) {
        my ($front, $choice, $end) = $entry =~ /^(\w+_)\{([\w,]+)\}(_?\w*)/;
        my ($plain) = $entry =~ /^(\w+)/;
        ++$named{$_} for defined $choice ? map { "$front$_$end" } split(/,/, $choice) : $plain;
    }
    my @not_yet = grep { /^gatehouse_stream_/ } keys %named;  # with streams
    delete @named{@not_yet, grep { !/_/ || /^(?:promtool|not_modified|process_)$/ } keys %named};
    my @missing = grep { !$documented{$_} } sort keys %named;
    is_deeply \@missing, [], 'every metric that was named in advance is there';
    cmp_ok scalar keys %named, '>', 25, 'which are many';
}
$t->done;
