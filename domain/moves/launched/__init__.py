"""A launched project and its waves: launching → gates → project_progress → project_decisions → project_sheets; of a
wave: trips → wave_progress → wave_course → wave_decisions → wave_news → ways_back; call_offs and events for both.
"""
