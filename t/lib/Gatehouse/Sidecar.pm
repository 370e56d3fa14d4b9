package Gatehouse::Sidecar;

# The half of Gatehouse that runs gatehoused and gatehousectl.

use v5.36;
use JSON::PP ();
use POSIX ();
use Gatehouse::Process;
use Gatehouse::Wait qw(wait_for);

# Writes gatehouse.json from JSON text, or from a hash, which gets the test's own sockets and board file
# where it names none.
sub sidecar_config ($self, $config) {
    my $text = $config;
    if (ref $config) {
        my %default = (
            link => {socket => '%%LINK%%'}, control => {socket => '%%CONTROL%%'}, api => {socket => '%%API%%'},
            board => {file => '%%BOARD%%'}, datasets => {directory => '%%DIR%%/datasets'});
        my %merged = (%$config, map { $_ => {%{$default{$_}}, %{$config->{$_} // {}}} } keys %default);
        $text = JSON::PP->new->canonical->pretty->encode(\%merged);
    }
    return $self->write_file('gatehouse.json', $self->fill_in($text));
}

sub sidecar_command ($self, @arguments) {
    return ("$self->{build}/gatehoused", '-c', $self->dir('gatehouse.json'), @arguments);
}

# Starts the sidecar and waits until it listens for workers and for gatehousectl.
sub start_sidecar ($self, @arguments) {
    $self->{sidecar} = $self->spawn(
        name => 'gatehoused', command => [$self->sidecar_command(@arguments)], log => 'sidecar.log',
        env => $self->sanitizer_environment(0));
    my $up = eval {
        wait_for(sub {
            die "gatehoused ended at its start\n" if !$self->{sidecar}->running;
            Gatehouse::unix_listening($self->link_path) && Gatehouse::unix_listening($self->control_path);
        }, 20, 'start of gatehoused');
    };
    return $self if $up;
    die $@ . $self->log_text('sidecar.log');
}

# Runs the sidecar to its end (-t, -T, --once): returns its exit status and its output.
sub run_sidecar ($self, @arguments) {
    return $self->run_program([$self->sidecar_command(@arguments)]);
}

sub sidecar_pid ($self) { return $self->{sidecar}->pid }

# Sends a signal and waits for the end that KILL, TERM, INT and QUIT mean.
sub kill_sidecar ($self, $signal = 'KILL') {
    my $sidecar = delete $self->{sidecar} // return;
    $sidecar->signal($signal);
    return $sidecar->wait(20);
}

sub stop_sidecar ($self) {
    my $sidecar = delete $self->{sidecar} // return;
    return $sidecar->stop('TERM', 20);
}

# HUP, and waits until the sidecar has said what became of it.
sub reload_sidecar ($self) {
    my ($exit, $out, $err) = $self->ctl('reload', '--wait');
    die "reload: exit $exit: $out$err" if $exit != 0;
    return;
}

# Runs gatehousectl; returns exit status, stdout and stderr. With -o json in the arguments, decode
# stdout with ctl_json.
sub ctl ($self, @arguments) {
    return $self->run_program(["$self->{build}/gatehousectl", '-s', $self->control_path, @arguments]);
}

sub ctl_json ($self, @arguments) {
    my ($exit, $out, $err) = $self->ctl('-o', 'json', @arguments);
    die "gatehousectl @arguments: exit $exit: $err" if $exit != 0;
    return JSON::PP::decode_json($out);
}

# Runs any program of the build to its end: exit status (or 128 + signal), stdout, stderr.
sub run_program ($self, $command, %option) {
    my @file = map { $self->dir("$_.$$." . ++$self->{runs}) } qw(stdout stderr);
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        my %env = %{$self->sanitizer_environment(0)};
        @ENV{keys %env} = values %env;
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', $file[0] and open STDERR, '>', $file[1] or POSIX::_exit(127);
        { no warnings 'exec'; exec { $command->[0] } @$command; }
        print {*STDERR} "exec $command->[0]: $!\n";
        POSIX::_exit(127);
    }
    my $process = bless {pid => $pid, name => $command->[0]}, 'Gatehouse::Process';
    my $ended = eval { $process->wait($option{timeout} // 30) };
    $ended //= do { $process->stop('KILL'); 'timeout 124' };
    my ($kind, $code) = $ended =~ /^(\w+) (\d+)/;
    my @text = map { my $text = Gatehouse::read_file($_); unlink $_; $text // '' } @file;
    return ($kind eq 'signal' ? 128 + $code : $code, @text);
}

1;
