package Gatehouse::Publisher;

# Runs t/tools/publisher, which stands in for the sidecar: cards made of files, and faults on demand.
#
#     my $publisher = Gatehouse::Publisher->start($t);
#     $publisher->card('c', '/c', json => '{"a":1}', 'json.gzip' => $bytes, max_age_ms => 1000);
#     $publisher->command('beat', 'off');

use v5.36;
use IO::Select;
use IPC::Open2 qw(open2);
use Gatehouse::Wait qw(now);

my $bodies = 0;

sub start ($class, $t, %option) {
    my $socket = $option{socket} // $t->link_path;
    my $self = bless {t => $t, pending => '', events => []}, $class;
    $self->{pid} = open2($self->{out}, $self->{in}, $t->build . '/gatehouse_publisher', $socket);
    $self->answer;
    return $self;
}

sub pid ($self) { return $self->{pid} }

# Sends a command and returns what its answer says after "ok"; dies of an "error".
sub command ($self, @words) {
    print {$self->{in}} join("\t", @words), "\n";
    $self->{in}->flush;
    return $self->answer;
}

# Publishes a card; bodies are given as bytes. Returns its generation.
sub card ($self, $name, $path, %setting) {
    my @words;
    for my $key (sort keys %setting) {
        my $value = $setting{$key};
        if ($key =~ /^(?:json|columns|csv|ndjson)(?:\.\w+)?$/) {
            $value = $self->{t}->write_file('body-' . ++$bodies, $value);
        }
        push @words, "$key=$value";
    }
    return $self->command('publish', $name, $path, @words);
}

# Lines that workers caused so far and nobody took yet: "hello {…}", "applied 3 1700000000000".
sub take_events ($self) {
    while (defined(my $line = $self->read_line(now()))) {
        push @{$self->{events}}, $line;
    }
    return splice @{$self->{events}};
}

# Waits for the next event that matches.
sub wait_for_event ($self, $pattern, $timeout = 10) {
    my $deadline = now() + $timeout * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1);
    while (1) {
        while (defined(my $event = shift @{$self->{events}})) {
            return $event if $event =~ $pattern;
        }
        my $line = $self->read_line($deadline) // die "no event $pattern\n";
        push @{$self->{events}}, $line;
    }
}

sub answer ($self) {
    my $deadline = now() + 30 * ($ENV{GATEHOUSE_TIMEOUT_SCALE} // 1);
    while (defined(my $line = $self->read_line($deadline))) {
        return $1 if $line =~ /^ok ?(.*)/;
        die "publisher: $1\n" if $line =~ /^error (.*)/;
        push @{$self->{events}}, $line;
    }
    die "publisher: no answer\n";
}

sub read_line ($self, $deadline) {
    while ($self->{pending} !~ /\n/) {
        my $left = $deadline - now();
        return undef if $left < 0 || !IO::Select->new($self->{out})->can_read($left);
        sysread($self->{out}, $self->{pending}, 65536, length $self->{pending}) or return undef;
    }
    $self->{pending} =~ s/^([^\n]*)\n//;
    return $1;
}

sub signal ($self, $signal) { return kill $signal, $self->{pid} }

sub stop ($self, $signal = 'TERM') {
    my $pid = delete $self->{pid} // return;
    kill $signal, $pid;
    waitpid $pid, 0;
    return;
}

sub DESTROY ($self) {
    local ($?, $!);
    $self->stop('KILL');
    return;
}

1;
