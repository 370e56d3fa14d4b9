#!/usr/bin/perl
# The sidecar's memory and descriptors are flat over refresh after refresh.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $refreshes = $ENV{GATEHOUSE_REFRESHES} // 24;
my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

my ($generation, $rows) = (1, 3000);
$t->write_rows($generation, $rows);
$t->scene_config(max_age => '60s');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
$t->wait_in_step;
$t->wait_for_board_file;
my $pid = $t->sidecar_pid;

sub refresh ($times) {
    for (1 .. $times) {
        $t->write_rows(++$generation, $rows);
        $t->wait_for_generation($generation, $_, 20) for '/api/count', '/api/rows';
    }
    return {
        descriptors => Gatehouse::Process::descriptor_count($pid),
        mappings => Gatehouse::Process::mapping_count($pid, 'memfd:gatehouse-card'),
        kib => Gatehouse::Process::memory_kib($pid),
    };
}

# The allocator's arenas and the engine's buffers find their size first.
my $before = refresh(int $refreshes / 2);
my $after = refresh($refreshes);
cmp_ok $after->{descriptors}, '<=', $before->{descriptors} + 1,
    "descriptors over $refreshes refreshes: $before->{descriptors}, then $after->{descriptors}";
cmp_ok $after->{mappings}, '<=', $before->{mappings} + 1,
    "snapshots it maps: $before->{mappings}, then $after->{mappings}";
SKIP: {
    skip 'a sanitizer keeps what is freed', 1 if $t->sanitizer;
    cmp_ok $after->{kib}, '<', $before->{kib} + 24_576, "memory: $before->{kib} KiB, then $after->{kib} KiB";
}

$t->done;
