<?php
/**
 * @var ?CrowdSky\Accounts\User $user
 * @var bool $canRegister
 * @var int $chunkMinutes
 * @var Closure $e
 */
?>
<section class="hero">
    <h1>Turn your telescope’s nights into a measured archive</h1>
    <p>CrowdSky stacks the raw subs of small smart telescopes, <?= $e($chunkMinutes) ?> minutes at a time,
        and keeps every stack with its facts: what was seen, when, by which telescope, from which subs.</p>
    <p class="actions">
<?php if ($user !== null) : ?>
        <a class="button" href="upload.php">Upload subs</a>
        <a class="button second" href="stacks.php">My stacks</a>
<?php else : ?>
        <a class="button" href="login.php">Log in</a>
<?php if ($canRegister) : ?>
        <a class="button second" href="login.php#register">Create an account</a>
<?php endif ?>
<?php endif ?>
    </p>
</section>
<section class="steps" aria-label="How it works">
    <div>
        <h2><span>1</span> Upload</h2>
        <p>Choose the single <code>Light_….fit</code> frames of a night. Each one is checked when it arrives,
            and a bad file never holds up the others.</p>
    </div>
    <div>
        <h2><span>2</span> Stack and measure</h2>
        <p>Subs of the same field, filter and exposure are grouped into chunks of <?= $e($chunkMinutes) ?> minutes.
            Workers align and combine them, find out where the stack points and measure its stars.</p>
    </div>
    <div>
        <h2><span>3</span> Keep</h2>
        <p>Look at your stacks, with what is in the field, and download them whenever you like. Raw subs are removed only once their stack is
            proven to be stored.</p>
    </div>
</section>
