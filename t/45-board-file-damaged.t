#!/usr/bin/perl
# A damaged board file: nginx starts, refuses the whole file with a line in the log, and never serves a
# wrong byte of it.

use v5.36;
use lib 't/lib';
use Gatehouse;
use POSIX qw(mkfifo);
use Test::More;

my $t = Gatehouse->new;
plan skip_all => 'needs the module and the publisher' if !$t->built('module', 'publisher');

my %body = ('/a' => '[{"generation":1}]', '/b' => '[' . join(',', 1 .. 1000) . ']');
my $publisher = $t->start_publisher;
$publisher->card('a', '/a', json => $body{'/a'}, 'json.gzip' => 'not gzip, but nobody unpacks it here');
$publisher->card('b', '/b', json => $body{'/b'});
$publisher->command('archive', $t->board_path);
$publisher->stop;
my $good = read_file($t->board_path);
my $size = length $good;
$t->scene_nginx;

# Starts nginx with what is at the board's path and looks at both cards. Returns "served", "refused", or
# what went wrong.
my ($lines, $checked) = (0, 0);
sub outcome {
    ++$checked;
    eval { $t->start_nginx; 1 } or return "nginx did not start: $@";
    my %seen;
    for my $path (sort keys %body) {
        my $response = $t->get($path);
        my $is = $response->{status} == 200 && $response->{body} eq $body{$path} ? 'served'
            : $response->{status} == 404 ? 'refused' : "status $response->{status} of $path";
        ++$seen{$is};
    }
    $t->stop_nginx('TERM');
    return join ', ', sort keys %seen;
}

sub outcome_of ($content) {
    $t->write_file('board', $content);
    return outcome();
}

is outcome_of($good), 'served', 'the undamaged file is served';

my %outcomes;
my @lengths = (0, 1, 63, 64, 511, 4095, 4096, 4097, 8191, 8192, int($size / 2), $size - 1, map { int rand $size } 1 .. 20);
++$outcomes{outcome_of(substr $good, 0, $_)} for @lengths;
is_deeply \%outcomes, {refused => scalar @lengths}, 'truncated at ' . @lengths . ' lengths: refused, nginx starts';

# Bits of the header, the index and the cards; not of the holes between them, which say nothing.
%outcomes = ();
my @cards = map { index $good, pack('Q<', 0x3150_414e << 32 | 0x5348_5447), $_ } 4096, 8192 + 8;
my @bytes = (0, 8, 12, 16, 24, 32, 40, 48, 4096, 4104, 4112, 4120, 4128, 4140,
    (map { my $card = $_; map { $card + $_ } 0, 8, 16, 24, 32, 64, 80, 200, 930, 960 } @cards),
    $size - 1, $size - 500);
for my $byte (@bytes) {
    my $flipped = $good;
    substr($flipped, $byte, 1) ^.= chr(1 << int rand 8);
    my $outcome = outcome_of($flipped);
    diag "byte $byte: $outcome" if $outcome ne 'refused';
    ++$outcomes{$outcome};
}
is_deeply \%outcomes, {refused => scalar @bytes}, 'one flipped bit in ' . @bytes . ' places: refused';

my %special = (
    'an older version' => sub { my $copy = $good; substr($copy, 8, 4) = pack 'L<', 1; $t->write_file('board', $copy) },
    'a newer version' => sub { my $copy = $good; substr($copy, 8, 4) = pack 'L<', 3; $t->write_file('board', $copy) },
    'longer than it says' => sub { $t->write_file('board', $good . 'x') },
    'text' => sub { $t->write_file('board', "hello\n" x 2000) },
    'zeros' => sub { $t->write_file('board', "\0" x $size) },
    'a symbolic link' => sub { $t->write_file('real', $good); symlink $t->dir('real'), $t->board_path },
    'a dangling link' => sub { symlink $t->dir('nowhere'), $t->board_path },
    'a file for everybody to write to' => sub { $t->write_file('board', $good); chmod 0666, $t->board_path },
    'a FIFO nobody writes to' => sub { mkfifo($t->board_path, 0600) },
    'a directory' => sub { mkdir $t->board_path },
    'a socket' => sub { IO::Socket::UNIX->new(Local => $t->board_path, Listen => 1) },
);
for my $name (sort keys %special) {
    unlink $t->board_path;
    my $kept = $special{$name}->();
    is outcome(), 'refused', "$name: refused, nginx starts";
    my ($line) = $t->log_text('error.log') =~ /.*\n(?:.*)(board file .*refused)/s;
    ok $line, 'with a line in the log' or diag $t->log_text('error.log') =~ s/.*(.{500})\z/$1/sr;
    rmdir $t->board_path if -d $t->board_path;
}

SKIP: {
    skip 'only root can give a file away', 1 if $> != 0;
    # A worker's user who may not read it: the master, who is root, reads it before it forks.
    unlink $t->board_path;
    $t->write_file('board', $good);
    chmod 0600, $t->board_path;
    chmod 0755, $t->dir($_) for qw(logs temp);
    $t->scene_nginx(main => "user nobody nogroup;");
    is outcome(), 'served', 'readable for the master alone: the workers inherit it';
}

unlink $t->board_path;
$t->scene_nginx;
is outcome(), 'refused', 'no file at all: nginx starts and serves no card';
note "$checked starts of nginx";

$t->done;
