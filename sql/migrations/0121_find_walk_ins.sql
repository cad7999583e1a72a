-- How many of the seats kept for walk-ins are left is counted with every place that is given.

create index program_award_of_walk_in on program_award (program_id, number) where source = 'walk_in';
