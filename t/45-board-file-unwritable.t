#!/usr/bin/perl
# A board file that cannot be written costs the board file: cards are computed, published and served.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the sidecar' if !$t->built('module', 'sidecar');

# root writes to any directory, but over none.
mkdir $t->board_path or die;
$t->write_rows(1);
$t->scene_config(max_age => '60s');
$t->start_sidecar;
$t->scene_nginx;
$t->start_nginx;
ok $t->wait_for_generation(1), 'cards are served';
my $path = $t->board_path;
wait_for(sub { $t->log_text('sidecar.log') =~ /"level":"error".*\Q$path\E/ }, 10, 'an error that names the file');
pass 'the log of the sidecar names the file';
$t->write_rows(2);
ok $t->wait_for_generation(2), 'and go on being computed';
cmp_ok scalar(() = $t->log_text('sidecar.log') =~ /"level":"error"/g), '<', 5, 'without a flood of errors';

# The way is cleared: the next write succeeds.
rmdir $path or die;
$t->write_rows(3);
ok $t->wait_for_generation(3), 'the directory is gone';
wait_for(sub { -f $path }, 30, 'board file');
pass 'the board file is written in the end';

$t->done;
