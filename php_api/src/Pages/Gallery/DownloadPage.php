<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Gallery;

use CrowdSky\Accounts\User;
use CrowdSky\Accounts\Visitor;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\RefusalKind;
use CrowdSky\Gallery\DownloadList;
use CrowdSky\Gallery\DownloadSlot;
use CrowdSky\Gallery\GalleryServices;
use CrowdSky\Gallery\Manifest;
use CrowdSky\Gallery\PackedStack;
use CrowdSky\Gallery\StackZip;
use CrowdSky\Http\OwnPage;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Pages\Account\RefusalWords;
use CrowdSky\Pages\Notes;
use CrowdSky\Pages\Texts;
use CrowdSky\Sky\Viewer;

/**
 * Sends a selection of stacks: as one ZIP file, or as the list of their addresses.
 *
 * It is asked for by POST: thousands of ids fit into no address.
 */
final class DownloadPage
{
    private const LIST_TYPE = ['Content-Type' => 'text/plain; charset=utf-8'];

    private function __construct(private readonly App $app, private readonly Request $request, private readonly User $user)
    {
    }

    /** @throws Refusal without a login, for a selection that is empty or too large, and for stacks that are not for this user */
    public static function answer(App $app, Request $request): Response
    {
        $visitor = Visitor::of($app, $request);
        $user = $visitor->requireUserForPage();
        $visitor->requireCsrf($request->form('csrf_token'));
        $page = new self($app, $request, $user);

        try {
            return $page->download();
        } catch (Refusal $refusal) {
            $back = OwnPage::named($request->form('return'));
            if ($refusal->kind !== RefusalKind::BadInput || $back === null || !$request->wantsPage()) {
                throw $refusal;
            }
            // The gallery, with its filters and what is selected there, is where this is put right.
            Notes::leave($visitor, RefusalWords::of($refusal, Texts::of($request)));

            return Response::redirect($back);
        }
    }

    private function download(): Response
    {
        return match ($this->request->form('form')) {
            'zip' => $this->zip(),
            'wget' => $this->list('crowdsky-stacks.txt', static fn (DownloadList $list, array $stacks): string => $list->forWget($stacks)),
            'aria2' => $this->list('crowdsky-stacks.aria2.txt', static fn (DownloadList $list, array $stacks): string => $list->forAria2($stacks)),
            default => throw Refusal::badInput("'form' must be zip, wget or aria2"),
        };
    }

    private function zip(): Response
    {
        $slot = DownloadSlot::take($this->app->data(), $this->user->id);
        $zip = StackZip::of($this->app);
        $stacks = $zip->checked($this->stacks(StackZip::MOST_STACKS));
        $now = $this->app->clock()->now();
        $manifest = new Manifest($stacks, $this->user, $this->request->siteAddress(), $this->app->config()->dataLicence, $now);

        return $zip->response($stacks, $manifest, $now, $slot);
    }

    /** @param \Closure(DownloadList, list<PackedStack>): string $write */
    private function list(string $name, \Closure $write): Response
    {
        $list = new DownloadList("{$this->request->siteAddress()}/api/download_frame.php");
        $stacks = array_values(array_filter(
            $this->stacks(DownloadList::MOST_STACKS),
            // A key sees what its owner sees without an admin's rights, and gets public copies of what is not their own.
            fn (PackedStack $one): bool => $one->isFor($this->user->id),
        ));

        return Response::text($write($list, $stacks))->with(self::LIST_TYPE + ['Content-Disposition' => "attachment; filename=\"$name\""]);
    }

    /** @return non-empty-list<PackedStack> */
    private function stacks(int $most): array
    {
        $ids = $this->ids();
        if ($ids === []) {
            throw Refusal::badInput('No stack is selected. Go back and select some, or all that match.', 'nothing_selected');
        }
        if (count($ids) > $most) {
            throw Refusal::badInput(sprintf('These are %d stacks, and %d are the most at once. Narrow the selection.', count($ids), $most));
        }

        return GalleryServices::of($this->app)->selection()->stacks($ids, $this->user);
    }

    /** @return list<int> */
    private function ids(): array
    {
        if ($this->request->form('all') === '1') {
            $viewer = Viewer::of($this->user);

            return GalleryServices::of($this->app)->ids()->ids(GalleryForm::ofPost($this->request, $viewer)->wish, $viewer);
        }
        $listed = $this->request->form('ids') ?? '';
        if ($listed !== '' && preg_match('/^[1-9]\d{0,17}(,[1-9]\d{0,17})*$/D', $listed) !== 1) {
            throw Refusal::badInput("'ids' must be ids of stacks with commas between them");
        }

        return [...($listed === '' ? [] : array_map('intval', explode(',', $listed))), ...$this->request->formIds('stack')];
    }
}
