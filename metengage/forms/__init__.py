"""Every form, and the sentence shown when it is wrong: the survey, residents, officers, staff, events."""

from metengage.forms.answering import AnswerSurveyForm, AtDoorForm, InformedForm, answer_survey_form, at_door_form
from metengage.forms.asking import SurveyForm
from metengage.forms.casework import CloseForm, GiveForm, HandForm, NoteForm, RestrictForm, SortForm, WriteForm
from metengage.forms.concerns import AnswerAlertForm, ConcernForm, NotSolvedForm, ReplyForm, SaidForm
from metengage.forms.correcting import CorrectionForm, WithdrawForm
from metengage.forms.doorstep import DoorstepForm
from metengage.forms.events import (
    BookForm,
    CallOffForm,
    DoorNameForm,
    EventForm,
    ForTeamForm,
    WhatWasSaidForm,
    WhoCameForm,
)
from metengage.forms.officers import NEW_STORY, AlertForm, AnswerForm, NewAlertForm, SignInForm
from metengage.forms.pictures import BroughtForm, PictureForm, PortraitForm, PosterForm
from metengage.forms.promising import (
    ActionForm,
    HandsForm,
    OutcomeForm,
    PriorityForm,
    ProposalForm,
    ReviewForm,
)
from metengage.forms.releasing import CommentForm, ReasonForm, WhenForm, WhyFirstForm
from metengage.forms.residents import (
    CAPS,
    OFF,
    AddAreasForm,
    CapForm,
    CodeForm,
    ComplaintForm,
    LinkForm,
    MoveForm,
    NewAddressForm,
    OftenForm,
    PauseForm,
    WhyForm,
)
from metengage.forms.signing_up import (
    ConcernsForm,
    ConsentForm,
    FindForm,
    NameForm,
    QuestionForm,
    RankForm,
    WaitingForm,
    elsewhere,
    survey_form,
)
from metengage.forms.staff import (
    NOBODY,
    ChangePasswordForm,
    ChoosePasswordForm,
    ConfirmPasswordForm,
    ContactForm,
    CoverForm,
    NewOfficerForm,
    OfficerForm,
    OfficerNameForm,
    OneOfficerForm,
    ProvenSecondFactorForm,
    SecondFactorForm,
    StoryForm,
    TeamForm,
    WardForm,
)
