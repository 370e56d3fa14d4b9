#!/usr/bin/perl
# gate_board_file and gate_link off, and the memory of the file's board once the sidecar is back.
# (What the file's board serves, and what a damaged one does, is in 45-*.)
use v5.36;
use lib 't/lib';
use Test::More;
use Gatehouse;
use Gatehouse::Process;

my $t = Gatehouse->new(workers => 2);
plan skip_all => 'module or publisher is not built' if !$t->built('module', 'publisher');

my $publisher = $t->start_publisher;
$publisher->card('a', '/a', json => 'a');
$publisher->card('left', '/left', json => 'left');
$publisher->command('archive', $t->board_path);
$publisher->command('listen', 'off');

# The status of /a from an nginx with these lines in its http block.
my $status_with = sub ($lines) {
    $t->nginx_conf("gate_board on; $lines server { listen 127.0.0.1:%%PORT%%; location / { } }");
    $t->start_nginx;
    my $status = $t->get('/a')->{status};
    $t->stop_nginx;
    return $status;
};
is $status_with->('gate_board_file off;'), 404, 'without the file there is nothing';
is $status_with->('gate_link off;'), 200, 'without the link there is the file';
is $status_with->('gate_link off; gate_board_file off;'), 404, 'both off';
$t->write_file('copy', read_file($t->board_path));
unlink $t->board_path;
is $status_with->(''), 404, 'a missing file is no fault';
like $t->log_text('error.log'), qr/\[info\].*there is no board file/, 'but said';
is $status_with->('gate_board_file copy;'), 200, 'a path relative to the prefix';

$t->nginx_conf('gate_board on; gate_board_file copy; server { listen 127.0.0.1:%%PORT%%; location / { } }');
$t->start_nginx;
$t->wait_for_answer('/left');
my $mappings = sub {
    join ' ', map { Gatehouse::Process::mapping_count($_, 'memfd:gatehouse-board') } $t->nginx_pid, $t->nginx_workers;
};
ok wait_for(sub { $mappings->() eq '1 1 1' }, 10, 'two workers'), "the file's board is mapped by all";
$publisher->command('retract', 'left');
$publisher->command('listen', 'on');
$publisher->command('wait', 2);
$t->wait_for_answer('/left', 404);
is $t->get('/a')->{body}, 'a', 'the sidecar is back';
wait_for(sub { $mappings->() eq '1 0 0' }, 10, 'workers without the file');
$t->reload_nginx;
is $mappings->(), '0 0 0', 'and after a reload nobody maps the file any more';

$publisher->stop;
$t->done;
