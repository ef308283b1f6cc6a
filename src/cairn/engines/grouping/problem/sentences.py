"""The engine's sentences, by key. Translators find them through `gettext_noop`; pages fill in names for ids."""

from collections.abc import Callable

from cairn.engines.grouping.problem.shapes import Conflict


def gettext_noop(text: str) -> str:
    """Mark a text for translation without translating it here."""
    return text


RULES: dict[str, str] = {
    "no_coach_left": gettext_noop("{people} cannot be placed: there is a conflict with the coach of every group."),
    "no_coach_for_opt_out": gettext_noop("{people} opted out of groups, and there is a conflict with every coach."),
    "no_slot_left": gettext_noop("{people} can come at none of the times at which groups meet."),
    "no_slot_with_coach": gettext_noop(
        "{people} can come only when groups meet whose coaches they must not have: {coaches}."
    ),
    "pin_against_slot": gettext_noop("{people} is pinned to {groups}, but cannot come when it meets."),
    "pin_against_coach": gettext_noop("{people} is pinned to {groups}, but must not be coached by {coaches}."),
    "pin_opted_out": gettext_noop("{people} opted out of group coaching and is pinned to {groups}."),
    "pins_over_cap": gettext_noop("{pinned} people are pinned to {groups}, which holds at most {cap}."),
    "pins_split_together": gettext_noop(
        "{people} must share a group, but they are pinned to different ones: {groups}."
    ),
    "pins_join_apart": gettext_noop("{people} must be in different groups, but both are pinned to {groups}."),
    "too_many_people": gettext_noop("{people_count} people need a place, and the groups hold at most {places}."),
    "too_few_people": gettext_noop(
        "The groups need at least {needed} people, and only {people_count} are to be placed."
    ),
    "minimum_over_cap": gettext_noop("{groups} must hold at least {minimum} people, but at most {cap}."),
    "block_over_cap": gettext_noop("{people} must all share a group, and no group they may join holds {size} people."),
    "block_no_group": gettext_noop("{people} must share a group, but no group is open to all of them."),
    "block_apart": gettext_noop("{people} must be apart, but other rules put them into the same group."),
    "together_opted_out": gettext_noop("{people} must share a group, but one of them opted out of groups."),
    "apart_over_groups": gettext_noop(
        "{people} must all be in different groups, and there are only {group_count} groups."
    ),
    "coach_over_groups": gettext_noop("{coaches} would have {held} groups, and takes at most {most}."),
    "coach_slot_missed": gettext_noop("{coaches} cannot hold {groups} at the time at which it meets."),
    "coach_twice_at_once": gettext_noop("{coaches} would hold {groups} at the same time."),
    "coach_over_minutes": gettext_noop("{coaches} has {available} minutes, but the plan needs at least {needed}."),
    "seats_short": gettext_noop(
        "With the minutes of their coaches the groups hold {places} people, and {people_count} need a place."
    ),
    "minutes_short": gettext_noop("All coaches together have {available} minutes, but the plan needs {needed}."),
    "rule_cap": gettext_noop("Groups hold no more than their cap."),
    "rule_minimum": gettext_noop("Groups hold no fewer than their minimum."),
    "rule_coach_conflict": gettext_noop("{people} must not be coached by {coaches}."),
    "rule_apart": gettext_noop("{people} must be in different groups."),
    "rule_together": gettext_noop("{people} must share a group."),
    "rule_pin": gettext_noop("{people} is pinned to {groups}."),
    "rule_slots": gettext_noop("People can come only to the times they named."),
    "rule_slot": gettext_noop("{people} can come only to the times they named."),
    "rule_coach_times": gettext_noop("For {coaches}: groups only at times that suit, and never two at once."),
    "rule_most_groups": gettext_noop("{coaches} takes at most {most} groups."),
    "rule_opt_out": gettext_noop("{people} opted out of group coaching."),
    "rule_coach_minutes": gettext_noop("{coaches} has {available} minutes."),
    "over_cap": gettext_noop("{groups} would hold {size} people, and the cap is {cap}."),
    "under_minimum": gettext_noop("{groups} would hold {size} people, and the minimum is {minimum}."),
    "coach_conflict": gettext_noop("{people} must not be coached by {coaches}, who coaches {groups}."),
    "apart_broken": gettext_noop("{people} must be in different groups, and both would be in {groups}."),
    "together_broken": gettext_noop("{people} must share a group."),
    "pin_broken": gettext_noop("{people} is pinned to {groups}."),
    "slot_missed": gettext_noop("{people} cannot come when {groups} meets."),
    "opt_out_grouped": gettext_noop("{people} opted out of group coaching."),
    "opt_out_without_coach": gettext_noop("No coach has the minutes to see {people} one to one."),
    "unplaced": gettext_noop("{people} is in no group."),
    "request_no_group": gettext_noop("There is no other group or coach that would meet what {people} asks for."),
    "request_pin": gettext_noop("{people} is pinned, so that no group that would do is open."),
    "request_coach": gettext_noop("There is a conflict between {people} and the coach of every group that would do."),
    "request_slot": gettext_noop("{people} cannot come when any of the groups that would do meets."),
    "request_slot_or_coach": gettext_noop(
        "For {people}, every group that would do either meets at a time that does not suit, or has a coach with whom "
        "there is a conflict."
    ),
    "request_moves": gettext_noop(
        "Moving {moves} people is not enough to meet what was asked for and keep every rule; it takes {needed}."
    ),
    "request_apart": gettext_noop("It would bring people into one group who must not share one."),
    "request_together": gettext_noop("It would part people who must share a group."),
    "request_cap": gettext_noop("The groups that would do are full, and nobody in them can make room."),
    "request_minimum": gettext_noop("It would leave a group with too few people."),
    "request_minutes": gettext_noop("The coaches of the groups that would do have too few minutes left."),
    "request_other_pins": gettext_noop("People who would have to make room are pinned where they are."),
    "request_other_coaches": gettext_noop("People who would have to make room cannot have another group's coach."),
    "request_other_slots": gettext_noop("People who would have to make room cannot come when other groups meet."),
    "request_rules": gettext_noop("The rules leave no way to do this that moves so few people."),
}

REMEDIES: dict[str, str] = {
    "other_coach": gettext_noop(
        "Engage another coach, settle one of the conflicts, or offer one-to-one coaching only."
    ),
    "other_slot": gettext_noop("Offer a further time, or ask again which times suit."),
    "move_slot": gettext_noop("Give one of the groups another time or another coach."),
    "fewer_per_coach": gettext_noop("Give a group to another coach, or raise how many this one takes."),
    "engage_coach": gettext_noop("Engage another coach, or settle one of the conflicts."),
    "unpin": gettext_noop("Remove the pin, or pin to another group."),
    "more_groups": gettext_noop("Add a group, or raise the cap."),
    "fewer_groups": gettext_noop("Use fewer groups, or lower the minimum."),
    "fix_limits": gettext_noop("Raise the cap, or lower the minimum."),
    "split_block": gettext_noop("Let some of them be in different groups, or raise the cap."),
    "drop_pair": gettext_noop("Remove one of the pairs."),
    "more_minutes": gettext_noop("Commission more minutes, promise fewer, or engage another coach."),
    "drop_one": gettext_noop("Relax this rule or one of the others named here."),
}

BAD_INPUT: dict[str, str] = {
    "no_people": gettext_noop("There is nobody to place."),
    "no_groups": gettext_noop("There is no group to place people in."),
    "duplicate_person": gettext_noop("The person {id} is listed twice."),
    "duplicate_group": gettext_noop("The group {id} is listed twice."),
    "duplicate_attribute": gettext_noop("The attribute {key} is listed twice."),
    "bad_id": gettext_noop("Ids must be text; {id} is not."),
    "bad_column": gettext_noop("The column {key} must hold one plain entry for every person."),
    "bad_person": gettext_noop("The {field} of the person {id} cannot be read."),
    "too_many_values": gettext_noop(
        "The attributes have {values} different values for {groups} groups, which is more than can be counted; "
        "leave out those that are nearly different for everybody."
    ),
    "duplicate_coach": gettext_noop("The coach {id} is listed twice."),
    "bad_intersection": gettext_noop(
        "The intersection {key} must be made of two or more different attributes that are themselves given."
    ),
    "bad_weight": gettext_noop("The weight of {key} must be a whole number from 0 to 1000."),
    "unknown_rule": gettext_noop("The problem has no such rule."),
    "bad_limit": gettext_noop("Cap, minimum and minutes must be whole numbers of 0 or more; {name} is not."),
    "bad_value": gettext_noop("The value of {key} for the person {id} must be text or nothing."),
    "unknown_person": gettext_noop("There is no person {id}."),
    "unknown_group": gettext_noop("There is no group {id}."),
    "self_pair": gettext_noop("The person {id} is paired with themselves."),
    "contradictory_pair": gettext_noop("The pair {a} and {b} is to be apart and together at once."),
    "person_not_placed": gettext_noop("The person {id} is in no group, so there is nothing to compare."),
}


def say(conflict: Conflict, name: Callable[[str], str] = str, translate: Callable[[str], str] = str) -> str:
    """The conflict as one sentence; `name` turns an opaque id into a name, `translate` a template into a language."""
    words = {
        "people": ", ".join(name(item) for item in conflict.people),
        "groups": ", ".join(name(item) for item in conflict.groups),
        "coaches": ", ".join(name(item) for item in conflict.coaches),
    }
    return translate(RULES[conflict.key]).format(**words, **conflict.numbers)


def say_remedy(conflict: Conflict, translate: Callable[[str], str] = str) -> str:
    """What would help, as one sentence; empty when there is nothing to advise."""
    return translate(REMEDIES[conflict.remedy]) if conflict.remedy else ""
