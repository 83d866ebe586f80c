"""What allauth asks us: each module answers the questions of one of its apps."""
