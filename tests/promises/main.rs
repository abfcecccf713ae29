//! Promises of the whole program, each a sentence, kept through the public API or the real binary.

mod a_script_is_checked_before_it_runs;
mod a_signal_that_cannot_be_is_told_with_its_line;
mod desk;
mod evidence;
mod sample;

mod a_bad_input_is_told_and_leaves_nothing;
mod a_basis_entry_of_100_000_is_nine_orders;
mod a_loan_is_told_with_its_distance_to_a_liquidation;
mod a_run_can_be_stressed;
mod a_run_that_is_cut_off_is_resumed;
mod hourly_bars_of_the_sample_are_their_five_minute_bars;
mod json_goes_to_stdout_alone;
mod nothing_can_be_learned_from_how_the_sample_was_made;
mod scripts_are_tested_by_scripts;
mod the_event_files_hold_together;
mod the_guide_is_true;
mod the_house_keeps_its_shape;
mod the_language_page_is_true;
mod the_readme_shows_what_its_command_prints;
mod the_sample_carries_the_months_figures;
mod the_sample_says_that_it_is_synthetic;
mod two_runs_give_the_same_bytes;
