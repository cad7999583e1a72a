extension EmbeddedCluster {
    /// The settings of the cluster. What makes it durable (fsync, synchronous_commit, full_page_writes) keeps PostgreSQL's defaults.
    var settings: String {
        """
        # Written by waystation at every start. Settings of your own stand in postgresql.local.conf beside this file, and win.
        data_directory = \(quoted(folder))
        hba_file = \(quoted("\(data.path)/pg_hba.conf"))
        ident_file = \(quoted("\(data.path)/pg_ident.conf"))

        # Only through a socket in a folder that only this user may enter.
        listen_addresses = ''
        port = 5432
        unix_socket_directories = \(quoted(socketFolder))
        unix_socket_permissions = 0700

        max_connections = 200
        shared_buffers = 128MB
        # A statement pinned to keys carries PostgreSQL's penalty for sequential scans in its cost, which would set off compilation.
        jit = off

        timezone = 'UTC'
        log_timezone = 'UTC'
        datestyle = 'iso, ymd'

        # The log holds no personal data: no statements, no parameters, no DETAIL lines (they quote keys).
        logging_collector = on
        log_directory = \(quoted("\(data.path)/log"))
        log_filename = 'postgresql-%a.log'
        log_truncate_on_rotation = on
        log_rotation_age = 1d
        log_rotation_size = 0
        log_file_mode = 0600
        log_min_messages = warning
        log_error_verbosity = terse
        log_statement = none
        log_min_duration_statement = -1
        log_min_error_statement = panic
        log_parameter_max_length = 0
        log_parameter_max_length_on_error = 0

        include_if_exists = \(quoted("\(data.path)/postgresql.local.conf"))

        """
    }

    /// A value for a settings file (guc-file.l: quotes doubled, backslashes escape).
    private func quoted(_ text: String) -> String {
        "'" + text.flatMap { $0 == "'" ? "''" : $0 == "\\" ? "\\\\" : String($0) } + "'"
    }
}
