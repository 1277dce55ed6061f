"""Are papers what they say they are? Asked of veraPDF, where there is a JDK and Maven to fetch it with."""
