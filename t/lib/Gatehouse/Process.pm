package Gatehouse::Process;

# A program that a test started: its pid, its end, its own open files.

use v5.36;
use POSIX qw(:sys_wait_h);
use Gatehouse::Wait qw(wait_for now);

# Starts a program; stdout and stderr are appended to the file `log`, stdin is empty. `env` is added to
# the environment.
sub start ($class, %option) {
    my ($log, @command) = ($option{log}, @{$option{command}});
    my $pid = fork // die "fork: $!";
    if ($pid == 0) {
        @ENV{keys %{$option{env} // {}}} = values %{$option{env} // {}};
        open STDIN, '<', '/dev/null';
        open STDOUT, '>>', $log and open STDERR, '>&', \*STDOUT or POSIX::_exit(127);
        local @SIG{qw(INT QUIT HUP TERM)} = ('DEFAULT') x 4;  # what runs in the background ignores some, and a shell cannot trap those
        { no warnings 'exec'; exec { $command[0] } @command; }
        print {*STDERR} "exec $command[0]: $!\n";
        POSIX::_exit(127);
    }
    return bless {pid => $pid, name => $option{name} // $command[0]}, $class;
}

sub pid ($self) { return $self->{pid} }

# The raw status of waitpid once the process has ended, else undef.
sub status ($self) {
    # Somebody else's child: that it is gone is all there is to know.
    return $self->{status} = kill(0, $self->{pid}) ? undef : 0 if $self->{foreign};
    if (!defined $self->{status} && waitpid($self->{pid}, WNOHANG) == $self->{pid}) {
        $self->{status} = $?;
    }
    return $self->{status};
}

sub running ($self) { return !defined $self->status }

sub signal ($self, $signal) { return $self->running && kill $signal, $self->{pid} }

# Waits for its end and returns its status as text: "exit 0", "signal 9".
sub wait ($self, $timeout = 10) {
    wait_for(sub { !$self->running }, $timeout, "end of $self->{name} $self->{pid}");
    my $status = $self->status;
    return $status & 127 ? 'signal ' . ($status & 127) : 'exit ' . ($status >> 8);
}

# Asks with $signal, then forces. Returns the status as wait() does.
sub stop ($self, $signal = 'TERM', $timeout = 10) {
    $self->signal($signal);
    my $ended = eval { $self->wait($timeout) };
    return $ended if defined $ended;
    $self->signal('KILL');
    return 'forced, ' . $self->wait(10);
}

# Pids of the processes whose parent is $pid.
sub children ($pid) {
    open my $file, '<', "/proc/$pid/task/$pid/children" or return;
    return split ' ', readline($file) // '';
}

sub command_line ($pid) {
    open my $file, '<', "/proc/$pid/cmdline" or return '';
    return (readline $file // '') =~ tr/\0/ /r;
}

sub descriptor_count ($pid) {
    my @links = glob "/proc/$pid/fd/*";
    return scalar @links;
}

# How many of its mappings have $name in their line, such as "memfd:gatehouse-card".
sub mapping_count ($pid, $name) {
    open my $file, '<', "/proc/$pid/maps" or return 0;
    return scalar grep { index($_, $name) >= 0 } readline $file;
}

# A field of /proc/PID/status in KiB, such as VmRSS.
sub memory_kib ($pid, $field = 'VmRSS') {
    open my $file, '<', "/proc/$pid/status" or return 0;
    my ($line) = grep { /^\Q$field\E:/ } readline $file;
    return ($line // '') =~ /(\d+) kB/ ? $1 : 0;
}

1;
