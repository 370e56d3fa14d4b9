#!/usr/bin/perl
# The container's entrypoint, with stand-ins for both programs: what it starts again, what it passes on, and how it ends.

use v5.36;
use lib 't/lib';
use Gatehouse;
use Test::More;

my $t = Gatehouse->new;
mkdir $t->dir('bin');
sub program ($name, $body) {
    chmod 0755, $t->write_file("bin/$name", "#!/usr/bin/perl\n$body");
    return;
}
sub pid_of ($name) { return (read_file($t->dir("$name.pid")) // '') =~ /^(\d+)\n/ && kill(0, $1) && $1 }
my $stays = '$SIG{HUP} = sub { open my $file, ">", "$ENV{DIR}/%1$s.reloaded" }; %2$s;'
    . 'open my $file, ">", "$ENV{DIR}/%1$s.pid"; print {$file} "$$\n"; close $file; sleep 1 while 1;';
program(gatehoused => 'exit 0 if $ARGV[0] eq "-t"; ' . sprintf $stays, 'gatehoused', '$SIG{TERM} = sub { exit 0 }');
sub nginx_does ($body) { return program(nginx => sprintf $stays, 'nginx', $body) }

sub entrypoint () {
    unlink map { $t->dir("$_.pid") } qw(gatehoused nginx);
    return $t->spawn(name => 'entrypoint.sh', log => 'entrypoint.log', command => ['bash', Gatehouse::root() . '/conf/docker/entrypoint.sh'],
        env => {PATH => $t->dir('bin') . ":$ENV{PATH}", DIR => $t->dir});
}
sub both_run () { return wait_for(sub { pid_of('gatehoused') && pid_of('nginx') }, 10, 'both programs') }

nginx_does('$SIG{QUIT} = sub { exit 0 }');
my $running = entrypoint();
both_run();
my $sidecar = pid_of('gatehoused');
kill 'KILL', $sidecar;
ok wait_for(sub { my $pid = pid_of('gatehoused'); $pid && $pid != $sidecar }, 10, 'another sidecar'), 'a sidecar that is killed is started again';
$running->signal('HUP');
ok wait_for(sub { -e $t->dir('nginx.reloaded') && -e $t->dir('gatehoused.reloaded') }, 10, 'HUP'), 'HUP reaches both';
$sidecar = pid_of('gatehoused');
$running->signal('QUIT');
is $running->wait, 'exit 0', 'QUIT: nginx ends in peace, and so does the container';
ok wait_for(sub { !kill 0, $sidecar }, 10, 'the sidecar'), 'the sidecar with it';

# Sometimes nginx is gone before the script gets to look, sometimes not.
for my $round (1 .. 5) {
    $running = entrypoint();
    both_run();
    $sidecar = pid_of('gatehoused');
    $running->signal('QUIT');
    is $running->wait, 'exit 0', "again, $round";
    ok wait_for(sub { !kill 0, $sidecar }, 10, 'the sidecar'), 'both';
}

nginx_does('exit 3');
is entrypoint()->wait, 'exit 3', 'an nginx that fails: its status';

program(gatehoused => 'exit 3');
is entrypoint()->wait, 'exit 3', 'a configuration that is refused ends it';
ok !-e $t->dir('nginx.pid'), 'before nginx is started';
$t->done;
